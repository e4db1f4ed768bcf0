"""`clip.request`: cut a stretch of footage and upload it; the answer is a job.

Footage moves only on somebody's behalf: officer, case and reason are required and go into the access log, also when the
answer is no. Without its line in the log nothing moves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import NS, Clock, Moment
from agent.commands.inbox import Reply
from agent.commands.jobs import job_planned
from agent.commands.refused import Refused
from agent.contract.base import parse_utc
from agent.contract.commands import Refusal
from agent.contract.requests import ClipRequest
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Access, ClipWanted, Draft, FootageFound

LONGEST_S = 900.0
PATIENCE_S = 60.0  # for footage that is still being written
REQUESTED = 10  # added to the asked priority: 10 to 110, before all clips that events want (130 and more)
LAST_REQUESTED = REQUESTED + 100


@dataclass(frozen=True, slots=True)
class FootageDoors:
    """Towards footage and spool."""

    find: Callable[[str, Moment, Moment], FootageFound]  # camera, from, to
    want: Callable[[ClipWanted], None]  # durable on return
    tell: Callable[[Draft], None]  # job messages
    note: Callable[[Access], object]  # the access log, durable on return


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for."""

    start: Moment
    end: Moment


class ClipRequestCommand:
    """Refuses with not_found when there is no footage at all of the time asked for."""

    name = "clip.request"

    def __init__(self, topics: Topics, cams: frozenset[str], doors: FootageDoors, clock: Clock) -> None:
        self._topics = topics
        self._cams = cams
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = ClipRequest.model_validate(fields)
        now = self._clock.now()
        span = _span(request, now)
        try:
            found = self._found(request, span, now)
        except Refused as refused:
            self._doors.note(_access(request, span, refused.code.value))
            raise
        due = max(now, span.end, key=lambda moment: moment.wall_ns).shifted(PATIENCE_S)
        wanted = ClipWanted(request.request_id, request.cam, span.start, span.end, due, REQUESTED + request.priority)
        self._doors.note(_access(request, span, "granted"))
        self._doors.want(wanted)
        self._doors.tell(job_planned(self._topics, request, found, now))
        return Reply("accepted", job_id=request.request_id)

    def _found(self, request: ClipRequest, span: Span, now: Moment) -> FootageFound:
        if not now.trusted:
            raise Refused(
                Refusal.BUSY,
                Text(
                    en="the node's clock is not set yet, so it cannot tell which footage is meant",
                    vi="đồng hồ của thiết bị chưa được chỉnh nên chưa xác định được đoạn hình cần lấy",
                ),
            )
        if request.cam not in self._cams:
            raise Refused(
                Refusal.NOT_FOUND, Text(en=f"no camera {request.cam} here", vi=f"không có camera {request.cam} ở đây")
            )
        if span.end.wall_ns > now.wall_ns + LONGEST_S * NS:
            raise Refused(Refusal.NOT_FOUND, Text(en="that time is still to come", vi="khoảng thời gian đó chưa tới"))
        found = self._doors.find(request.cam, span.start, span.end)
        if found.coverage_s <= 0:
            raise Refused(
                Refusal.NOT_FOUND, Text(en="no footage of that time", vi="không có hình ghi của khoảng thời gian đó")
            )
        if request.max_mb is not None and found.bytes > request.max_mb * 10**6:
            raise Refused(
                Refusal.TOO_LARGE,
                Text(
                    en=f"the clip would have about {found.bytes / 10**6:.0f} MB",
                    vi=f"clip sẽ có khoảng {found.bytes / 10**6:.0f} MB",
                ),
            )
        return found


def _span(request: ClipRequest, now: Moment) -> Span:
    try:
        from_ns, to_ns = parse_utc(request.from_utc), parse_utc(request.to_utc)
    except (ValueError, OverflowError) as error:
        raise Refused(Refusal.SCHEMA) from error
    if not 0 < to_ns - from_ns <= LONGEST_S * NS:
        raise Refused(
            Refusal.SCHEMA,
            Text(
                en=f"from_utc comes before to_utc, at most {LONGEST_S / 60:.0f} minutes",
                vi=f"from_utc phải trước to_utc, dài nhất {LONGEST_S / 60:.0f} phút",
            ),
        )
    return Span(now.shifted((from_ns - now.wall_ns) / NS), now.shifted((to_ns - now.wall_ns) / NS))


def _access(request: ClipRequest, span: Span, result: str) -> Access:
    by = request.by
    return Access(
        action="clip",
        by=by.officer,
        case=by.case,
        reason=by.reason,
        cam=request.cam,
        from_ns=span.start.wall_ns,
        to_ns=span.end.wall_ns,
        result=result,
        request_id=request.request_id,
    )
