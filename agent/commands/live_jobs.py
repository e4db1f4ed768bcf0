"""The messages of a live picture: uploading while it is pushed, then done or failed with the reason."""

from agent.clock import Moment
from agent.commands.jobs import JOB_PRIORITY
from agent.contract.base import Words
from agent.contract.jobs import JobMessage
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Draft, LiveNews


def live_job(topics: Topics, news: LiveNews, at: Moment) -> Draft:
    """How it goes, or how it ended."""
    why = None if news.why is None else Words.of(news.why)
    message = JobMessage(
        job_id=news.wish.job_id,
        request_id=news.wish.job_id,
        kind="live",
        state=news.state,
        cam=news.wish.cam,
        bytes_sent=news.bytes_sent,
        eta_s=news.eta_s,
        error=why if news.state == "failed" else None,
        reason=why if news.state == "done" else None,
    )
    return _draft(topics, message, at)


def live_job_interrupted(topics: Topics, interrupted: tuple[str, str], why: Text, at: Moment) -> Draft:
    """`interrupted`: job and camera of a process that died while it pushed."""
    job_id, cam = interrupted
    words = Words.of(why)
    message = JobMessage(job_id=job_id, request_id=job_id, kind="live", state="failed", cam=cam, error=words)
    return _draft(topics, message, at)


def _draft(topics: Topics, message: JobMessage, at: Moment) -> Draft:
    return Draft(topics.job(message.job_id), message.body(), at, JOB_PRIORITY, retain=True)
