"""Rain, insects, a noisy sensor: what differs in one picture and in neither of its neighbours.

Comes in: the mask of what differs, picture by picture. Goes out: the same mask, and where much of the kind is about,
only what differed in a picture before too.
"""

import cv2
import numpy as np

from agent.values import Picture

BLINK_RATE = 0.05  # per picture
MUCH = 0.002  # of the picture, where the pictures are close ...
CLOSE_S = 0.15
MUCH_APART = 0.01  # ... and where they are not: leaves, and whoever is small and quick, are elsewhere in each


class Clutter:
    """Remembers two masks, and where motion was."""

    def __init__(self) -> None:
        self._one: Picture | None = None  # a picture ago
        self._two: Picture | None = None
        self._motion: Picture | None = None  # what of `_one` was motion: it does not count, nor is it voted on
        self.share = 0.0  # of the picture that differs for one picture only
        self._bound = MUCH

    @property
    def much(self) -> bool:
        """Whether more comes and goes at once than single things do."""
        return self.share >= self._bound

    def without(self, mask: Picture, seconds: float) -> Picture:
        """`mask` (0 or 255), less what only comes and goes where that is much. Then `explain` is to be called.

        `seconds` since the mask before.
        """
        self._bound = MUCH if seconds < CLOSE_S else MUCH_APART
        one, two, motion = self._one, self._two, self._motion
        self._one, self._two = mask, one
        if one is None or two is None:
            return mask
        around = cv2.bitwise_or(mask, two)
        if motion is not None:
            around = cv2.bitwise_or(around, motion)
        blinks = cv2.countNonZero(one) - cv2.countNonZero(cv2.bitwise_and(one, around))
        self.share += BLINK_RATE * (blinks / mask.size - self.share)
        if not self.much:
            return mask
        known = cv2.bitwise_or(one, two)
        if motion is not None:
            known = cv2.bitwise_or(known, motion)
        return np.asarray(cv2.bitwise_and(mask, known), np.uint8)

    def skip(self, mask: Picture) -> Picture:
        """`mask` as it is, and what was before it forgotten: the pictures are too far apart to be compared."""
        self._one, self._two, self._motion = None, None, None
        return mask

    def explain(self, motion: Picture | None) -> None:
        """`motion` (255) are the pixels of the picture where motion is, and those around it."""
        self._motion = motion
