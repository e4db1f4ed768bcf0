"""`hold.add` and `hold.release`: keep a stretch of footage until a date, and let go of it before.

A hold is named by the request that made it. Both go into the access log, also when the answer is no.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, moment_of, need_camera, need_clock, parsed_ns, span_of
from agent.contract.answers import Answer, HoldAnswer
from agent.contract.base import utc
from agent.contract.commands import Refusal
from agent.contract.requests import HoldAdd, HoldRelease
from agent.i18n import Text
from agent.values import Access, FootageFound, Hold

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class HoldDoors:
    """Towards footage. `add` raises Refused when the node will not keep it."""

    find: Callable[[Hold], FootageFound]
    add: Callable[[Hold], None]  # durable on return
    known: Callable[[], tuple[Hold, ...]]
    remove: Callable[[str], bool]  # durable on return
    note: Callable[[Access], object]  # the access log, durable on return


class HoldAddCommand:
    """Refuses with not_found (no camera, no footage), too_large, busy (clock, too many)."""

    name = "hold.add"

    def __init__(self, cams: frozenset[str], doors: HoldDoors, clock: Clock) -> None:
        self._cams = cams
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = HoldAdd.model_validate(fields)
        now = self._clock.now()
        span, until_ns = span_of(request.from_utc, request.to_utc, now), parsed_ns(request.until_utc)
        hold = Hold(
            request.request_id,
            request.cam,
            span.start.wall_ns,
            span.end.wall_ns,
            until_ns,
            request.by.officer,
            f"{request.by.case}: {request.by.reason}"[:LONGEST_REASON],
        )
        try:
            need_clock(now)
            need_camera(request.cam, self._cams)
            found = self._doors.find(hold)
            if found.coverage_s <= 0:
                raise Refused(
                    Refusal.NOT_FOUND,
                    Text(en="no footage of that time", vi="không có hình ghi của khoảng thời gian đó"),
                )
            self._doors.add(hold)
        except Refused as refused:
            self._doors.note(access_of("hold", request, request.cam, span, refused.code.value))
            raise
        with ExitStack() as undo:
            undo.callback(self._doors.remove, hold.id)  # without its line in the log nothing is held
            self._doors.note(access_of("hold", request, request.cam, span))
            undo.pop_all()
        # Looked at afterwards: what the ring had let go before the hold stood cannot be held.
        return Reply("done", answer=Answer(hold=_told(hold, self._doors.find(hold).bytes)))


class HoldReleaseCommand:
    """Refuses with not_found."""

    name = "hold.release"

    def __init__(self, doors: HoldDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = HoldRelease.model_validate(fields)
        now = self._clock.now()
        hold = next((one for one in self._doors.known() if one.id == request.hold_id), None)
        if hold is None:
            self._doors.note(access_of("release", request, "", Span(now, now), Refusal.NOT_FOUND.value))
            raise Refused(
                Refusal.NOT_FOUND,
                Text(en=f"there is no hold {request.hold_id}", vi=f"không có lệnh giữ {request.hold_id}"),
            )
        span = Span(moment_of(hold.from_ns, now), moment_of(hold.to_ns, now))
        found = self._doors.find(hold)
        self._doors.note(access_of("release", request, hold.cam, span))
        self._doors.remove(hold.id)
        return Reply("done", answer=Answer(hold=_told(hold, found.bytes)))


def _told(hold: Hold, size: int) -> HoldAnswer:
    return HoldAnswer(
        hold_id=hold.id,
        from_utc=utc(hold.from_ns),
        to_utc=utc(hold.to_ns),
        until_utc=utc(hold.until_ns),
        bytes=size,
    )
