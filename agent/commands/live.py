"""`live.start`, `live.keepalive`, `live.stop`: the picture of now, pushed to the ward's media server while they look.

Where it goes stands in the node's configuration; no command names a place. Somebody looks on somebody's behalf:
officer, case and reason go into the access log before the first picture leaves, also when the answer is no.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, need_camera, need_clock
from agent.contract.answers import Answer, LiveAnswer
from agent.contract.base import utc
from agent.contract.commands import Refusal
from agent.contract.requests import LiveKeepalive, LiveStart, LiveStop
from agent.i18n import Text
from agent.values import Access, LiveGrant, LiveNo, LiveWish


@dataclass(frozen=True, slots=True)
class LiveDoors:
    """Towards what pushes."""

    plan: Callable[[LiveWish], LiveGrant | LiveNo]  # begins nothing
    begin: Callable[[LiveWish, LiveGrant], None]  # raises StorageError
    note: Callable[[Access], object]  # the access log, durable on return


class LiveStartCommand:
    """Refuses with not_found (no such camera) or busy: clock, quiet hours, day spent, shown already, line too thin."""

    name = "live.start"

    def __init__(self, cams: frozenset[str], doors: LiveDoors, clock: Clock) -> None:
        self._cams = cams
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = LiveStart.model_validate(fields)
        by, now = request.by, self._clock.now()
        wish = LiveWish(
            request.request_id, request.cam, by.officer, by.case, by.reason, request.max_kbps, request.max_s
        )
        try:
            need_clock(now)
            need_camera(request.cam, self._cams)
            grant = self._doors.plan(wish)
            if isinstance(grant, LiveNo):
                raise Refused(Refusal(grant.kind), grant.text)
        except Refused as refused:
            self._doors.note(access_of("live", request, request.cam, Span(now, now), refused.code.value))
            raise
        ends = now.shifted(grant.lasts_s)
        self._doors.note(access_of("live", request, request.cam, Span(now, ends)))
        self._doors.begin(wish, grant)
        told = LiveAnswer(
            kbps=grant.kbps, encoded=grant.encoded, ends_utc=utc(ends.wall_ns), keepalive_s=grant.keepalive_s
        )
        return Reply("accepted", job_id=request.request_id, answer=Answer(live=told))


class LiveKeepaliveCommand:
    """Refuses with not_found when it is over: whoever still looks asks anew."""

    name = "live.keepalive"

    def __init__(self, heard: Callable[[str], bool]) -> None:
        self._heard = heard

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError."""
        request = LiveKeepalive.model_validate(fields)
        if not self._heard(request.job_id):
            raise _over(request.job_id)
        return Reply("done", job_id=request.job_id)


class LiveStopCommand:
    """Refuses with not_found when it is over already."""

    name = "live.stop"

    def __init__(self, stop: Callable[[str], bool]) -> None:
        self._stop = stop

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError."""
        request = LiveStop.model_validate(fields)
        if not self._stop(request.job_id):
            raise _over(request.job_id)
        return Reply("done", job_id=request.job_id)


def _over(job_id: str) -> Refused:
    return Refused(
        Refusal.NOT_FOUND,
        Text(en=f"no live picture {job_id} is shown", vi=f"không có hình trực tiếp {job_id} nào đang phát"),
    )
