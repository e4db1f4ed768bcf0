"""The messages of a clip's or a snapshot's job: planned when it is accepted, waiting and uploading, then its end.

The job's id is that of the request that began it; who asks for the same again within a day of its end gets it back.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.clock import Moment
from agent.contract.base import Words, utc
from agent.contract.event import gap_span, manifest_file
from agent.contract.jobs import JobFile, JobMessage, TimeRange
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import ClipWanted, Draft, FootageFound, OutgoingClip, Rest

if TYPE_CHECKING:
    from agent.contract.requests import ClipRequest

JOB_PRIORITY = 15
REQUESTED = 10  # added to the asked priority: 10 to 110, before all clips that events want (130 and more)
LAST_REQUESTED = REQUESTED + 100
MOST_GAPS = 50
PICTURE = ".jpg"  # what a snapshot's file ends in, and no clip's
WAITS = {
    "quiet_hours": Text(
        en="the household's quiet hours: clips wait until they are over",
        vi="đang trong giờ nghỉ của gia đình: clip chờ đến hết giờ nghỉ",
    ),
    "day_spent": Text(
        en="what the household allows a day is used up: clips wait until tomorrow",
        vi="đã hết dung lượng gia đình cho dùng trong ngày: clip chờ đến ngày mai",
    ),
}


@dataclass(frozen=True, slots=True)
class JobClip:
    """What a job is about, cut already or still to be cut. Times in nanoseconds, UTC."""

    id: str
    cam: str
    from_ns: int
    to_ns: int
    bytes: int | None = None  # once it is cut
    sent_bytes: int | None = None
    snapshot: bool = False

    @property
    def kind(self) -> Literal["clip", "snapshot"]:
        """As jobs name it."""
        return "snapshot" if self.snapshot else "clip"


def job_clip(found: ClipWanted | OutgoingClip) -> JobClip:
    """Footage that waits to be cut, or is."""
    if isinstance(found, ClipWanted):
        return JobClip(found.id, found.cam, found.start.wall_ns, found.end.wall_ns)
    snapshot = found.path.suffix == PICTURE
    return JobClip(found.id, found.cam, found.start_ns, found.end_ns, found.bytes, found.sent_bytes, snapshot)


def job_planned(topics: Topics, request: "ClipRequest", found: FootageFound, at: Moment) -> Draft:
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


def job_waiting(topics: Topics, clip: JobClip, rest: Rest, at: Moment) -> Draft:
    """Nothing of it may leave now."""
    until = None if rest.until_ns is None else utc(rest.until_ns)
    waits = _job(clip).model_copy(update={"state": "waiting", "reason": Words.of(WAITS[rest.why]), "until_utc": until})
    return _draft(topics, waits, at)


def job_uploading(topics: Topics, clip: JobClip, kbps: float | None, at: Moment) -> Draft:
    """It is on its way; `kbps`: how much the line carries now."""
    eta_s = None
    if kbps and clip.bytes is not None:
        eta_s = round((clip.bytes - (clip.sent_bytes or 0)) / (kbps * 125), 1)
    told = _job(clip).model_copy(update={"bytes_sent": clip.sent_bytes, "eta_s": eta_s})
    return _draft(topics, told, at)


def job_goes_on(topics: Topics, clip: JobClip, request_id: str, at: Moment) -> Draft:
    """A cancelled job is wanted after all, by another request."""
    told = _job(clip).model_copy(update={"state": "planned", "request_id": request_id, "bytes_sent": clip.sent_bytes})
    return _draft(topics, told, at)


def job_cancelled(topics: Topics, clip: JobClip, at: Moment) -> Draft:
    """It ended because somebody wanted it to."""
    told = _job(clip).model_copy(update={"state": "cancelled", "bytes_sent": clip.sent_bytes})
    return _draft(topics, told, at)


def job_done(topics: Topics, clip: OutgoingClip, at: Moment) -> Draft:
    """The job's clip is at the ward; `clip.upload_url` is where."""
    file = JobFile(
        name=f"{clip.id}{''.join(clip.path.suffixes)}",
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
        kind=job_clip(clip).kind,
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


def _job(clip: JobClip) -> JobMessage:
    return JobMessage(
        job_id=clip.id,
        request_id=clip.id,
        kind=clip.kind,
        state="uploading",
        cam=clip.cam,
        range=TimeRange(from_utc=utc(clip.from_ns), to_utc=utc(clip.to_ns)),
        bytes_total=clip.bytes,
    )


def _draft(topics: Topics, message: JobMessage, at: Moment) -> Draft:
    return Draft(topics.job(message.job_id), message.body(), at, JOB_PRIORITY, retain=True)
