"""The messages of a configuration's trial: planned when it is accepted, waiting while it is tried, then done or failed.

The job's id is the request's, over all restarts.
"""

from agent.clock import Moment
from agent.commands.jobs import JOB_PRIORITY
from agent.contract.base import Words
from agent.contract.jobs import JobMessage
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Draft


def config_planned(topics: Topics, request_id: str, at: Moment) -> Draft:
    """The node begins again with it."""
    return _draft(topics, JobMessage(job_id=request_id, request_id=request_id, kind="config", state="planned"), at)


def config_tried(topics: Topics, request_id: str, window_s: float, at: Moment) -> Draft:
    """The node has begun with it."""
    reason = Words.of(
        Text(
            en=f"on trial: cameras, model and broker must work within {window_s:.0f} s",
            vi=f"đang chạy thử: camera, mô hình và máy chủ MQTT phải chạy được trong {window_s:.0f} giây",
        )
    )
    message = JobMessage(job_id=request_id, request_id=request_id, kind="config", state="waiting", reason=reason)
    return _draft(topics, message, at)


def config_ended(topics: Topics, request_id: str, why: Text | None, at: Moment) -> Draft:
    """It stays; or, because of `why`, the last good one is back."""
    error = None
    if why is not None:
        error = Words.of(
            Text(
                en=f"the last good configuration is back: {why.en}",
                vi=f"đã quay lại cấu hình tốt gần nhất: {why.vi}",
            )
        )
    state = "done" if error is None else "failed"
    message = JobMessage.model_validate(
        {"job_id": request_id, "request_id": request_id, "kind": "config", "state": state, "error": error}
    )
    return _draft(topics, message, at)


def _draft(topics: Topics, message: JobMessage, at: Moment) -> Draft:
    return Draft(topics.job(message.job_id), message.body(), at, JOB_PRIORITY, retain=True)
