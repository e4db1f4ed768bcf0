"""Moments in which the whole picture jumped: infrared light came on, the exposure or its noise changed at once.

Whatever seems to appear or vanish in such a moment is the light, on surfaces that take it differently.
"""

from collections import deque

import cv2
import numpy as np

from agent.values import Motion, Picture

GRID = 3  # every third pixel of every third row
JUMP, LEAST = 2.0, 1.0  # times what half of all pixels usually change between two looks, and grey levels above that
USUAL_LOOKS = 10.0  # time constant, in looks
BEFORE_S, AFTER_S = 1.5, 3.0  # a look may come a second late, and exposure settles for a while
MOST = 16


class Jolts:
    """The last jolts of one camera."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST)
        self._before: Picture | None = None
        self._usual: float | None = None

    def see(self, motion: Motion, now_s: float) -> None:
        """Each frame: motion that learns anew has seen the light switched, or the camera turned."""
        if not motion.ready:
            self._times.append(now_s)

    def look(self, luma: Picture, now_s: float) -> None:
        """Each look: the median, which no passer-by moves, against what it usually is; rain is usual soon."""
        if self._before is not None and self._before.shape == luma.shape:
            change = np.asarray(cv2.absdiff(luma, self._before), np.uint8)[::GRID, ::GRID].ravel()
            # The mean of the smaller half: finer than the median, which is a whole number.
            half = float(np.partition(change, change.size // 2)[: change.size // 2].mean())
            if self._usual is not None and half >= JUMP * self._usual + LEAST:
                self._times.append(now_s)
            self._usual = half if self._usual is None else self._usual + (half - self._usual) / USUAL_LOOKS
        self._before = luma

    def near(self, begun_s: float) -> bool:
        """Whether what began then began with a jolt."""
        return any(at_s - BEFORE_S <= begun_s <= at_s + AFTER_S for at_s in self._times)

    def clear(self) -> None:
        """The time line broke."""
        self._times.clear()
        self._before = None
