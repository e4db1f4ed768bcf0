"""How a track has moved of late, measured in its own size.

Lengths are shares of the thing's own box: its width sideways, its height up and down. So a car far away and the same
car close by have the same speed, and the picture's shape need not be known.
"""

import math
from collections import deque
from dataclasses import dataclass

from agent.clock import Moment
from agent.values import Box, Track

SAMPLE_S = 0.2  # more often a box only jitters
MAX_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Sample:
    """Where it was."""

    at_s: float
    box: Box


class Motions:
    """The last `span_s` seconds of one track."""

    def __init__(self, at: Moment, track: Track, span_s: float) -> None:
        self._span_s = span_s
        self._samples = deque([Sample(at.mono_s, track.box)], maxlen=MAX_SAMPLES)
        self._now = self._samples[0]

    def add(self, at: Moment, box: Box) -> None:
        """Where it is in this frame."""
        self._now = Sample(at.mono_s, box)
        if at.mono_s - self._samples[-1].at_s >= SAMPLE_S:
            self._samples.append(self._now)
        # One sample older than the span stays: frames may come more seldom than that.
        while len(self._samples) > 1 and at.mono_s - self._samples[1].at_s >= self._span_s:
            self._samples.popleft()

    def speed(self, over_s: float, before_s: float = 0.0) -> float | None:
        """Own lengths per second over at least `over_s`, up to `before_s` ago; None while it is not known for so long.

        Straight from start to end: what goes to and fro is slow.
        """
        end = self._at(self._now.at_s - before_s)
        start = self._at(end.at_s - over_s) if end is not None else None
        if start is None or end is None or end.at_s <= start.at_s:
            return None
        return lengths(start.box, end.box) / (end.at_s - start.at_s)

    def wandered(self, over_s: float, step_s: float) -> tuple[float, float] | None:
        """Lengths gone in the last `over_s`, step by step of `step_s`, and lengths from start to end; None: too new."""
        start = self._at(self._now.at_s - over_s)
        if start is None:
            return None
        gone, last = 0.0, start
        for sample in self._samples:
            if sample.at_s - last.at_s >= step_s - 1e-6:
                gone += lengths(last.box, sample.box)
                last = sample
        return gone, lengths(start.box, self._now.box)

    def box_before(self, before_s: float) -> Box | None:
        """Where it was at least so long ago; None: too new."""
        sample = self._at(self._now.at_s - before_s)
        return sample.box if sample is not None else None

    def _at(self, at_s: float) -> Sample | None:
        # The newest sample that is not younger.
        if self._now.at_s <= at_s + 1e-6:
            return self._now
        return next((sample for sample in reversed(self._samples) if sample.at_s <= at_s + 1e-6), None)


def lengths(start: Box, end: Box) -> float:
    """How far the middle of a box has gone, in its own size."""
    width, height = (start.width + end.width) / 2, (start.height + end.height) / 2
    dx, dy = end.centre.x - start.centre.x, end.centre.y - start.centre.y
    return math.hypot(dx / max(width, 1e-6), dy / max(height, 1e-6))


def widened(box: Box, share: float) -> Box:
    """The box with so many of its widths more on both sides, and a third of that in heights above and below."""
    across, along = share * box.width, share * box.height / 3
    return Box(box.left - across, box.top - along, box.right + across, box.bottom + along)


def touch(one: Box, other: Box, share: float) -> bool:
    """Do the boxes come within `share` of their widths of each other?"""
    return widened(one, share / 2).overlap(widened(other, share / 2)) > 0
