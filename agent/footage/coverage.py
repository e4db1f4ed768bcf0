"""How much of the time since the start is footage: every moment is recorded, or in a hole with a cause.

In: the stretch that each stored picture shows. Out: `recorded + gaps + in flight = expected`, to the nanosecond,
however the camera's stamps overlap or jump. Pure; monotonic nanoseconds; one camera.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import NS
from agent.footage.place import NOTICEABLE_NS

KEPT = 20
FIRST_STEP_NS = 2 * NS  # between the first two pictures of a run, when the camera's pace is not known yet
LATE_NS = 3 * NS  # the next picture may be on its way for so long before a hole is said to be open
AHEAD_NS = NS  # a picture may lie this far in the future: those that are shown later come first


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch without footage."""

    from_ns: int
    to_ns: int
    cause: str


@dataclass(frozen=True, slots=True)
class Sums:
    """All of it up to `end_ns`."""

    end_ns: int
    recorded_ns: int = 0
    gap_ns: int = 0


class Coverage:
    """Of one camera from `begin_ns` on. `cause` is asked for each hole (from, to, whether no new run has ended it)."""

    def __init__(self, begin_ns: int, cause: Callable[[int, int, bool], str]) -> None:
        self._begin_ns = begin_ns
        self._cause = cause
        self._sums = Sums(begin_ns)
        self._holes: deque[Hole] = deque(maxlen=KEPT)
        self._run: int | None = None
        self._step_ns: int | None = None  # the usual distance of two pictures of this run
        self._last_ns = 0
        self._marked = (self._sums, tuple(self._holes))

    @property
    def reached_ns(self) -> int:
        """The end of what is recorded, or of the newest hole."""
        return self._sums.end_ns

    def picture(self, run: int, at_ns: int, duration_ns: int, now_ns: int) -> None:
        """One stored picture, in decoding order; `duration_ns` is 0 where the camera does not tell."""
        joins = run == self._run
        if not joins:
            self._run, self._step_ns = run, None
        elif at_ns > self._last_ns:
            self._step_ns = at_ns - self._last_ns if self._step_ns is None else self._step_ns
            self._step_ns = min(2 * self._step_ns, at_ns - self._last_ns)
        self._last_ns = max(at_ns, self._last_ns) if joins else at_ns
        known_ns = FIRST_STEP_NS if self._step_ns is None else 2 * self._step_ns
        end_ns = at_ns + (duration_ns or self._step_ns or 1)
        self.stretch(at_ns, min(end_ns, now_ns + AHEAD_NS), max(NOTICEABLE_NS, known_ns) if joins else 0)

    def stretch(self, from_ns: int, to_ns: int, slack_ns: int = 0) -> None:
        """Footage from `from_ns` to `to_ns`; a hole of up to `slack_ns` before it is the last picture, shown longer."""
        sums = self._sums
        end_ns, recorded_ns, gap_ns = sums.end_ns, sums.recorded_ns, sums.gap_ns
        hole_ns = from_ns - end_ns
        if hole_ns > slack_ns:
            if hole_ns >= NOTICEABLE_NS:
                self._holes.append(Hole(end_ns, from_ns, self._cause(end_ns, from_ns, slack_ns > 0)))
            gap_ns += hole_ns
            end_ns = from_ns
        self._sums = Sums(max(end_ns, to_ns), recorded_ns + max(to_ns - end_ns, 0), gap_ns)

    def mark(self) -> None:
        """What comes now is not safe yet."""
        self._marked = (self._sums, tuple(self._holes))

    def undo(self) -> None:
        """What came since the mark is not there."""
        self._sums, holes = self._marked
        self._holes = deque(holes, maxlen=KEPT)
        self._run = None

    def sums(self, now_ns: int) -> Sums:
        """As of now, an open hole among it. `end_ns` is how far all of it reaches."""
        hole = self._open(now_ns)
        sums = self._sums
        return Sums(hole.to_ns, sums.recorded_ns, sums.gap_ns + hole.to_ns - hole.from_ns) if hole else sums

    def holes(self, now_ns: int) -> tuple[Hole, ...]:
        """The newest, oldest first; the last one may still be open."""
        hole = self._open(now_ns)
        return (*self._holes, hole)[-KEPT:] if hole else tuple(self._holes)

    def expected_ns(self, now_ns: int) -> int:
        """From the begin to now."""
        return max(now_ns, self._sums.end_ns) - self._begin_ns

    def _open(self, now_ns: int) -> Hole | None:
        end_ns = self._sums.end_ns
        if now_ns - end_ns < max(LATE_NS, 2 * (self._step_ns or 0)):
            return None
        return Hole(end_ns, now_ns, self._cause(end_ns, now_ns, True))
