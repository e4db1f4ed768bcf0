"""Moments in which the whole picture jumped: infrared light came on, the exposure or its noise changed at once.

Whatever seems to appear or vanish in such a moment is the light, on surfaces that take it differently.
"""

from collections import deque

import cv2
import numpy as np

from agent.change.ground import Mask
from agent.values import Motion

BLOCKS = (16, 9)  # columns, rows
TOUCHED = 0.02  # of a block's pixels differ
WIDE, NARROW = 0.5, 0.25  # share of the blocks: a jolt begins, and is over
BEFORE_S, AFTER_S = 1.5, 3.0  # a look may come a second late, and exposure settles for a while
MOST = 16


class Jolts:
    """The last jolts of one camera."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST)
        self._wide = False

    def see(self, motion: Motion, now_s: float) -> None:
        """Each frame: motion that learns anew has seen the light switched, or the camera turned."""
        if not motion.ready:
            self._times.append(now_s)

    def look(self, differs: Mask, now_s: float) -> None:
        """Each look: only the beginning counts, for rain and leaves touch everything for hours."""
        share = cv2.resize(differs.astype(np.float32), BLOCKS, interpolation=cv2.INTER_AREA)
        wide = float(np.count_nonzero(share >= TOUCHED)) / share.size
        if wide >= WIDE and not self._wide:
            self._times.append(now_s)
        self._wide = wide >= (NARROW if self._wide else WIDE)

    def near(self, begun_s: float) -> bool:
        """Whether what began then began with a jolt."""
        return any(at_s - BEFORE_S <= begun_s <= at_s + AFTER_S for at_s in self._times)

    def clear(self) -> None:
        """The time line broke."""
        self._times.clear()
