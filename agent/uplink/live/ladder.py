"""At what rate a picture is pushed, and what comes when the line does not carry it. Pure."""

from collections import deque
from dataclasses import dataclass

LEAST_KBPS = 64
MOST_KBPS = 800  # of a small picture; more does not make it better
SURE = 1.15  # a stream may be so much thicker at times than it was measured
UNKNOWN_KBPS = 1500.0  # taken for what a line carries that nobody has measured and no cap limits
SETTLED_S = 5.0  # the pace finds out what the line carries; what is left out meanwhile tells nothing
LOOKED_S = 15.0
LATE = 2  # times in so long: too much for this line
CARRIED = 0.75  # of what the line carried while that was too much


@dataclass(frozen=True, slots=True)
class Rung:
    """How a picture is pushed."""

    kbps: int
    encoded: bool


@dataclass(frozen=True, slots=True)
class Room:
    """What limits it: the household's line and the ward's wish. None: no limit is known."""

    line_kbps: float | None
    wish_kbps: int | None

    @property
    def kbps(self) -> float:
        """The smaller one."""
        line = UNKNOWN_KBPS if self.line_kbps is None else self.line_kbps
        return line if self.wish_kbps is None else min(line, self.wish_kbps)


def first(room: Room, own_kbps: float | None) -> Rung | None:
    """The camera's own stream if it fits (`own_kbps`; None: it cannot be pushed there), else a small one; or none."""
    if own_kbps is not None and own_kbps * SURE <= room.kbps:
        return Rung(max(round(own_kbps), 1), encoded=False)
    kbps = int(min(room.kbps, MOST_KBPS))
    return Rung(kbps, encoded=True) if kbps >= LEAST_KBPS else None


def lower(rung: Rung, carried_kbps: float) -> Rung | None:
    """The next one down, for a line that carried so much of this one; None: it cannot be less."""
    # What was carried in a moment of trouble may be next to nothing: no more than to an eighth at once.
    kbps = min(rung.kbps // 2, MOST_KBPS)
    kbps = min(kbps, max(round(CARRIED * carried_kbps), kbps // 4, LEAST_KBPS))
    return Rung(kbps, encoded=True) if kbps >= LEAST_KBPS else None


class Lateness:
    """Counts how often pictures had to be left out since a rung was begun."""

    def __init__(self, now_s: float) -> None:
        self._begin_s = now_s
        self._times_s: deque[float] = deque(maxlen=LATE)

    def again(self, now_s: float) -> bool:
        """Once more; True when the line does not carry this rung."""
        if now_s - self._begin_s < SETTLED_S:
            return False
        self._times_s.append(now_s)
        return len(self._times_s) == LATE and now_s - self._times_s[0] <= LOOKED_S
