"""The messages of a clip job: planned when it is accepted, then how its clip gets on. The job's id is the request's."""

from typing import Literal

from agent.clock import Moment
from agent.contract.base import GapSpan, Words, utc
from agent.contract.commands import ClipRequest, JobFile, JobMessage, TimeRange
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Draft, Gap, OutgoingClip

JOB_PRIORITY = 15
MOST_GAPS = 50


def job_planned(topics: Topics, request: ClipRequest, coverage_s: float, gaps: tuple[Gap, ...], at: Moment) -> Draft:
    """What will be delivered, as far as footage is there now."""
    message = JobMessage(
        job_id=request.request_id,
        request_id=request.request_id,
        kind="clip",
        state="planned",
        cam=request.cam,
        range=TimeRange(from_utc=request.from_utc, to_utc=request.to_utc),
        coverage_s=round(coverage_s, 1),
        gaps=_spans(gaps),
    )
    return _draft(topics, message, at)


def job_moved(topics: Topics, clip: OutgoingClip, state: Literal["waiting", "uploading", "done"], at: Moment) -> Draft:
    """The job's clip is in the spool, on its way, or at the ward (then `clip.upload_url` is where)."""
    file = JobFile(
        name=f"{clip.id}.mp4",
        url=clip.upload_url,
        sha256=clip.sha256,
        bytes=clip.bytes,
        from_utc=utc(clip.start_ns),
        to_utc=utc(clip.end_ns),
    )
    message = JobMessage(
        job_id=clip.id,
        request_id=clip.id,
        kind="clip",
        state=state,
        cam=clip.cam,
        range=TimeRange(from_utc=utc(clip.start_ns), to_utc=utc(clip.end_ns)),
        gaps=_spans(clip.gaps),
        bytes_total=clip.bytes,
        bytes_sent=clip.bytes if state == "done" else clip.sent_bytes,
        files=(file,) if state == "done" else (),
    )
    return _draft(topics, message, at)


def job_failed(topics: Topics, job_id: str, why: Text, at: Moment) -> Draft:
    """Nothing will be delivered."""
    message = JobMessage(job_id=job_id, request_id=job_id, kind="clip", state="failed", error=Words.of(why))
    return _draft(topics, message, at)


def _draft(topics: Topics, message: JobMessage, at: Moment) -> Draft:
    return Draft(topics.job(message.job_id), message.body(), at, JOB_PRIORITY, retain=True)


def _spans(gaps: tuple[Gap, ...]) -> tuple[GapSpan, ...]:
    return tuple(GapSpan(from_utc=utc(gap.from_ns), to_utc=utc(gap.to_ns), cause=gap.cause) for gap in gaps[:MOST_GAPS])
