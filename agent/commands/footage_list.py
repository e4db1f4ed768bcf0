"""`footage.list`: what footage there is of a camera, page by page. Somebody looked: that is noted in the access log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, moment_of, need_camera, need_clock, parsed_ns
from agent.contract.answers import Answer, FootagePage, FootageRange
from agent.contract.base import utc
from agent.contract.commands import Refusal
from agent.contract.event import gap_span
from agent.contract.requests import FootageListing
from agent.i18n import Text
from agent.values import Access, FootageList

MOST_RANGES = 200  # of one answer, which stays under 64 kB with them and as many gaps
MOST_GAPS = 300


@dataclass(frozen=True, slots=True)
class ListDoors:
    """Towards footage."""

    find: Callable[[str, tuple[int | None, int | None], int], FootageList]  # camera, from and to (Unix ns), limit
    note: Callable[[Access], object]  # the access log, durable on return


class FootageListCommand:
    """Refuses with not_found (no such camera), schema and busy (clock)."""

    name = "footage.list"

    def __init__(self, cams: frozenset[str], doors: ListDoors, clock: Clock) -> None:
        self._cams = cams
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = FootageListing.model_validate(fields)
        now = self._clock.now()
        from_ns = None if request.from_utc is None else parsed_ns(request.from_utc)
        to_ns = None if request.to_utc is None else parsed_ns(request.to_utc)
        if from_ns is not None and to_ns is not None and from_ns >= to_ns:
            raise Refused(Refusal.SCHEMA, Text(en="from_utc comes before to_utc", vi="from_utc phải trước to_utc"))
        try:
            need_clock(now)
            need_camera(request.cam, self._cams)
        except Refused as refused:
            self._doors.note(access_of("list", request, request.cam, Span(now, now), refused.code.value))
            raise
        begin, end = (now if at is None else moment_of(at, now) for at in (from_ns, to_ns))
        found = self._doors.find(request.cam, (from_ns, to_ns), min(request.limit, MOST_RANGES))
        if found.ranges:  # the line tells what was looked at, also when no times were named
            begin = begin if from_ns is not None else moment_of(found.ranges[0].from_ns, now)
            end = end if to_ns is not None else moment_of(found.ranges[-1].to_ns, now)
        self._doors.note(access_of("list", request, request.cam, Span(begin, end)))
        return Reply("done", answer=Answer(footage=_page(request.cam, found)))


def _page(cam: str, found: FootageList) -> FootagePage:
    ranges = tuple(
        FootageRange(from_utc=utc(one.from_ns), to_utc=utc(one.to_ns), bytes=one.bytes, segments=one.segments)
        for one in found.ranges
    )
    return FootagePage(
        cam=cam,
        ranges=ranges,
        gaps=tuple(gap_span(gap) for gap in found.gaps[:MOST_GAPS]),
        bytes=sum(one.bytes for one in found.ranges),
        next_utc=None if found.next_ns is None else utc(found.next_ns),
    )
