"""Which pictures become frames: the first of each cell of a grid over the stream's time, so live and replay agree."""

from fractions import Fraction

from agent.capture.attention import Attention

FINENESS = 1000


class Grid:
    """`fps` cells a second from the run's first picture on; while idle at most one frame every `idle.every`."""

    def __init__(self, fps: float, attention: Attention | None) -> None:
        self._fps = Fraction(fps).limit_denominator(FINENESS)
        self._attention = attention
        self._last_cell = -1
        self._last_s = 0.0

    def begin(self) -> None:
        """A new run."""
        self._last_cell = -1

    def takes(self, ticks: int, base: Fraction) -> bool:
        """Whether the picture `ticks` after the run's first is a frame; called in the order of display."""
        cell = ticks * base.numerator * self._fps.numerator // (base.denominator * self._fps.denominator)
        if cell <= self._last_cell:
            return False
        at_s = float(ticks * base)
        idle = self._attention is not None and self._attention.idle and self._last_cell >= 0
        if idle and self._attention is not None and at_s - self._last_s < 0.9 * self._attention.section.every:
            return False
        self._last_cell, self._last_s = cell, at_s
        return True
