"""The messages of a clip job: planned when it is accepted, then done or failed. The job's id is the request's."""

from agent.clock import Moment
from agent.contract.base import Words, utc
from agent.contract.commands import ClipRequest, JobFile, JobMessage, TimeRange
from agent.contract.event import gap_span, manifest_file
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Draft, FootageFound, OutgoingClip

JOB_PRIORITY = 15
MOST_GAPS = 50


def job_planned(topics: Topics, request: ClipRequest, found: FootageFound, at: Moment) -> Draft:
    """What will be delivered, as far as footage is there now; its size is an estimate."""
    message = JobMessage(
        job_id=request.request_id,
        request_id=request.request_id,
        kind="clip",
        state="planned",
        cam=request.cam,
        range=TimeRange(from_utc=request.from_utc, to_utc=request.to_utc),
        coverage_s=round(found.coverage_s, 1),
        gaps=tuple(gap_span(gap) for gap in found.gaps[:MOST_GAPS]),
        bytes_total=found.bytes,
    )
    return _draft(topics, message, at)


def job_done(topics: Topics, clip: OutgoingClip, at: Moment) -> Draft:
    """The job's clip is at the ward; `clip.upload_url` is where."""
    file = JobFile(
        name=f"{clip.id}.mp4",
        url=clip.upload_url,
        sha256=clip.sha256,
        bytes=clip.bytes,
        from_utc=utc(clip.start_ns),
        to_utc=utc(clip.end_ns),
        manifest=manifest_file(clip),
    )
    message = JobMessage(
        job_id=clip.id,
        request_id=clip.id,
        kind="clip",
        state="done",
        cam=clip.cam,
        range=TimeRange(from_utc=utc(clip.start_ns), to_utc=utc(clip.end_ns)),
        gaps=tuple(gap_span(gap) for gap in clip.gaps[:MOST_GAPS]),
        bytes_total=clip.bytes,
        bytes_sent=clip.bytes,
        files=(file,),
    )
    return _draft(topics, message, at)


def job_failed(topics: Topics, job_id: str, why: Text, at: Moment) -> Draft:
    """Nothing will be delivered."""
    message = JobMessage(job_id=job_id, request_id=job_id, kind="clip", state="failed", error=Words.of(why))
    return _draft(topics, message, at)


def _draft(topics: Topics, message: JobMessage, at: Moment) -> Draft:
    return Draft(topics.job(message.job_id), message.body(), at, JOB_PRIORITY, retain=True)
