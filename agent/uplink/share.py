"""What one live picture takes of the line: after messages, before clips, within the household's cap and stepping back.

A picture that falls behind is worth nothing, so a share says how long to wait and its user leaves pictures out.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import Clock
from agent.uplink.pace import Pace

BEGIN = 250_000.0  # bytes per second (2 Mbit/s) at most, until the line has told what it carries
ROOM = 1.5  # of the picture's rate: key frames come in one piece
BURST_S = 0.25
STEP_S = 0.05
LARGEST_STEP = 16_384
SHORT_S = 0.5  # who had to wait for its turn goes first for so long


@dataclass(frozen=True, slots=True)
class LineDoors:
    """Towards the budget that everything shares."""

    count: Callable[[int], float]  # so many bytes leave: seconds that the cap wants to wait
    messages: Callable[[], bool]  # does a message wait for the broker's word?
    close: "Callable[[LiveShare], None]"


class LiveShare:
    """Of one push. `short` and `kbps` may be read in any thread, the rest belongs to the pushing one."""

    def __init__(self, kbps: float, doors: LineDoors, clock: Clock, *, yields: bool) -> None:
        self.kbps = kbps  # of the picture
        self._doors = doors
        self._clock = clock
        self._pace = Pace(clock, BURST_S, min(BEGIN, ROOM * kbps * 125)) if yields else None
        self._short_until_s = clock.mono_s()

    @property
    def short(self) -> bool:
        """It waits for its turn, or did just now: clips let it pass."""
        return self._clock.mono_s() < self._short_until_s

    def opened(self, sock: socket.socket) -> None:
        """The connection that the picture leaves by."""
        if self._pace is not None:
            self._pace.opened(sock)

    def resume(self) -> None:
        """The next bytes come after a pause that the line is not to blame for."""
        if self._pace is not None:
            self._pace.resume()

    @property
    def messages_first(self) -> bool:
        """Does a message wait for the broker's word?"""
        return self._doors.messages()

    @property
    def piece_bytes(self) -> int:
        """How much to hand to the socket at once."""
        return LARGEST_STEP if self._pace is None else min(LARGEST_STEP, self._pace.piece_bytes(STEP_S))

    def take(self, count: int) -> float:
        """Count `count` bytes as sent; gives the seconds to wait before sending them."""
        capped_s = self._doors.count(count)
        step_s = self._pace.take(count) if self._pace is not None else 0.0
        if step_s > 0:
            self.waits()
        return max(capped_s, step_s)

    def waits(self) -> None:
        """The line, not the cap, keeps it waiting."""
        self._short_until_s = self._clock.mono_s() + SHORT_S

    def look(self) -> None:
        """Learn how the line is, if it is time to; also during a wait."""
        if self._pace is not None:
            self._pace.look()

    def close(self) -> None:
        """Nothing leaves by it any more; may be called again."""
        if self._pace is not None:
            self._pace.closed()
        self._doors.close(self)
