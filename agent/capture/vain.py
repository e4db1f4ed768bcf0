"""Places where things move and vision, time after time, follows nobody: a swaying tree, a flag, rain, a busy road.

Comes in: boxes in which vision looked in vain, and boxes of whom it follows. Goes out: whether motion is all in such
places. Knows a coarse grid of cells and the frames' time; forgets within minutes.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from agent.values import Box

ROWS, COLUMNS = 12, 16
LOOKS = 8.0  # frames in vain with motion in one cell, until nothing is expected of motion there
MOST_LOOKS = 24.0  # counted, so that a rainy night is forgotten as quickly as a rainy minute
FRUITFUL = -40.0  # where somebody was followed: it takes so many more
HALF_S = 600.0  # in which half of all that is forgotten
FRESH_SHARE = 0.5  # more of a box's cells than this are not known as vain: its motion is new


class VainPlaces:
    """One camera. All times are seconds of the frames' own clock."""

    def __init__(self) -> None:
        self._looks: npt.NDArray[np.float32] = np.zeros((ROWS, COLUMNS), np.float32)
        self._at_s: float | None = None

    def looked(self, at_s: float, moving: Iterable[Box], followed: Iterable[Box]) -> None:
        """Vision looked at what moved; `followed` are those it knows, not necessarily moving."""
        if self._at_s is not None and at_s > self._at_s:
            self._looks *= np.float32(0.5 ** ((at_s - self._at_s) / HALF_S))
        self._at_s = at_s
        touched = np.zeros((ROWS, COLUMNS), np.bool_)
        for box in moving:
            touched[_cells(box)] = True
        self._looks[touched] += 1.0
        np.minimum(self._looks, MOST_LOOKS, out=self._looks)
        for box in followed:
            self._looks[_cells(box)] = FRUITFUL

    def all_in_vain(self, moving: Iterable[Box]) -> bool:
        """Whether each of the boxes is where nobody was ever found."""
        return all(float(np.mean(self._looks[_cells(box)] < LOOKS)) <= FRESH_SHARE for box in moving)


def _cells(box: Box) -> tuple[slice, slice]:
    top, bottom = _span(box.top, box.bottom, ROWS)
    left, right = _span(box.left, box.right, COLUMNS)
    return np.s_[top:bottom, left:right]


def _span(low: float, high: float, count: int) -> tuple[int, int]:
    first = min(max(int(low * count), 0), count - 1)
    return first, max(first + 1, min(int(np.ceil(high * count)), count))
