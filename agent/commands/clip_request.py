"""`clip.request`: cut a stretch of footage and upload it; the answer is a job.

Footage moves only on somebody's behalf: officer, case and reason are required and go into the access log, also when the
answer is no. Without its line in the log nothing moves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import NS, Clock, Moment
from agent.commands.inbox import Reply
from agent.commands.jobs import REQUESTED, job_clip, job_goes_on, job_planned
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, need_camera, need_clock, span_of
from agent.contract.commands import Refusal
from agent.contract.requests import ClipRequest
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Access, ClipWanted, Draft, FootageFound, OutgoingClip

LONGEST_S = 900.0
PATIENCE_S = 60.0  # for footage that is still being written


@dataclass(frozen=True, slots=True)
class FootageDoors:
    """Towards footage and spool."""

    find: Callable[[str, Moment, Moment], FootageFound]  # camera, from, to
    want: Callable[[ClipWanted], None]  # durable on return
    tell: Callable[[Draft], None]  # job messages
    note: Callable[[Access], object]  # the access log, durable on return
    cancelled: Callable[[str, tuple[int, int]], OutgoingClip | None]  # camera, from and to in Unix ns: of the last day
    go_on: Callable[[OutgoingClip, int], None]  # with this priority; durable on return


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
            need_clock(now)
            need_camera(request.cam, self._cams)
            again = self._doors.cancelled(request.cam, (span.start.wall_ns, span.end.wall_ns))
            found = self._found(request, span, now) if again is None else None
            _check_size(request, again.bytes if again is not None else found.bytes if found is not None else 0)
        except Refused as refused:
            self._doors.note(access_of("clip", request, request.cam, span, refused.code.value))
            raise
        if again is not None:
            return self._go_on(request, span, again)
        assert found is not None
        due = max(now, span.end, key=lambda moment: moment.wall_ns).shifted(PATIENCE_S)
        wanted = ClipWanted(request.request_id, request.cam, span.start, span.end, due, REQUESTED + request.priority)
        self._doors.note(access_of("clip", request, request.cam, span))
        self._doors.want(wanted)
        self._doors.tell(job_planned(self._topics, request, found, now))
        return Reply("accepted", job_id=request.request_id)

    def _go_on(self, request: ClipRequest, span: Span, clip: OutgoingClip) -> Reply:
        self._doors.note(access_of("clip", request, request.cam, span))
        self._doors.go_on(clip, REQUESTED + request.priority)
        self._doors.tell(job_goes_on(self._topics, job_clip(clip), request.request_id, self._clock.now()))
        return Reply("accepted", job_id=clip.id)

    def _found(self, request: ClipRequest, span: Span, now: Moment) -> FootageFound:
        if span.end.wall_ns > now.wall_ns + LONGEST_S * NS:
            raise Refused(Refusal.NOT_FOUND, Text(en="that time is still to come", vi="khoảng thời gian đó chưa tới"))
        found = self._doors.find(request.cam, span.start, span.end)
        if found.coverage_s <= 0:
            raise Refused(
                Refusal.NOT_FOUND, Text(en="no footage of that time", vi="không có hình ghi của khoảng thời gian đó")
            )
        return found


def _check_size(request: ClipRequest, size: int) -> None:
    if request.max_mb is not None and size > request.max_mb * 10**6:
        raise Refused(
            Refusal.TOO_LARGE,
            Text(en=f"the clip would have about {size / 10**6:.0f} MB", vi=f"clip sẽ có khoảng {size / 10**6:.0f} MB"),
        )


def _span(request: ClipRequest, now: Moment) -> Span:
    span = span_of(request.from_utc, request.to_utc, now)
    if span.end.wall_ns - span.start.wall_ns > LONGEST_S * NS:
        raise Refused(
            Refusal.SCHEMA,
            Text(
                en=f"from_utc comes before to_utc, at most {LONGEST_S / 60:.0f} minutes",
                vi=f"from_utc phải trước to_utc, dài nhất {LONGEST_S / 60:.0f} phút",
            ),
        )
    return span
