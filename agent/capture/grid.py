"""Which pictures become frames: the first of each cell of a grid over the stream's time, so live and replay agree."""

from fractions import Fraction

from agent.capture.attention import Attention

FINENESS = 1000
EARLY = 0.9  # of `every`: pictures do not come to the millisecond


class Grid:
    """`fps` cells a second from the run's first picture on; with `attention`, while idle one every `idle.every`."""

    def __init__(self, fps: float, attention: Attention | None) -> None:
        self._fps = Fraction(fps).limit_denominator(FINENESS)
        self.attention = attention
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
        attention = self.attention if self._last_cell >= 0 else None
        if attention is not None and attention.idle and at_s - self._last_s < EARLY * attention.section.every:
            return False
        self._last_cell, self._last_s = cell, at_s
        return True
