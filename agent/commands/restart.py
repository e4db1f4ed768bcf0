"""`restart`: the agent stops cleanly and starts anew. At most once in ten minutes; `done` is told after the start."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, need_clock
from agent.contract.commands import Refusal
from agent.contract.requests import Restart
from agent.i18n import Text
from agent.values import Access


@dataclass(frozen=True, slots=True)
class RestartDoors:
    """Towards the process."""

    wait_s: Callable[[], float]  # until it may be asked for again
    begin: Callable[[str], None]  # request id: remembered durably, then asked for
    note: Callable[[Access], object]  # the access log, durable on return


class RestartCommand:
    """Refuses with rate_limited and busy (clock)."""

    name = "restart"
    signed = True

    def __init__(self, doors: RestartDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = Restart.model_validate(fields)
        now = self._clock.now()
        span = Span(now, now)
        try:
            need_clock(now)
            wait_s = self._doors.wait_s()
            if wait_s > 0:
                minutes = ceil(wait_s / 60)
                raise Refused(
                    Refusal.RATE_LIMITED,
                    Text(
                        en=f"it was started anew a short while ago; possible again in {minutes} min",
                        vi=f"thiết bị vừa khởi động lại; có thể yêu cầu lại sau {minutes} phút",
                    ),
                )
        except Refused as refused:
            self._doors.note(access_of("restart", request, "", span, refused.code.value))
            raise
        self._doors.note(access_of("restart", request, "", span))
        self._doors.begin(request.request_id)
        return Reply("accepted")
