"""What one live picture takes of the line: after messages, before clips, within the household's cap and stepping back.

A picture that falls behind is worth nothing, so a share says how long to wait and its user leaves pictures out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import Clock
from agent.uplink.pace import Pace, Paced

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


class LiveShare(Paced):
    """Of one push. `short` and `kbps` may be read in any thread, the rest belongs to the pushing one."""

    def __init__(self, kbps: float, doors: LineDoors, clock: Clock, *, yields: bool) -> None:
        super().__init__(Pace(clock, BURST_S, min(BEGIN, ROOM * kbps * 125)) if yields else None)
        self.kbps = kbps  # of the picture
        self._doors = doors
        self._clock = clock
        self._short_until_s = clock.mono_s()

    @property
    def short(self) -> bool:
        """It waits for its turn, or did just now: clips let it pass."""
        return self._clock.mono_s() < self._short_until_s

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

    def close(self) -> None:
        """Nothing leaves by it any more; may be called again."""
        if self._pace is not None:
            self._pace.closed()
        self._doors.close(self)
