"""What a difference is evidence of: a thing that covers the scene, or the same scene in another light, or swaying.

Two questions about each pixel, both cheap and both answered by the scene itself:

- *Is it just the neighbour's grey level?* Leaves that sway and a camera that trembles show each pixel what belongs a
  little aside. A thing leaves the range of the scene's levels in the neighbourhood. (Elgammal et al. 2000 suppress
  false detections so, with a probability for each neighbour; here it is a morphology of the scene.)
- *Is it just light?* A shadow, a headlight, a lamp multiply the scene: the ratio of picture to scene hardly changes
  from one pixel to the next. Where a thing begins, the ratio jumps. (After Durucan and Ebrahimi 2001.)
"""

import math

import cv2
import numpy as np

from agent.motion.pieces import plane
from agent.values import Picture

REACH = np.ones((3, 3), np.uint8)
BLACK = 8  # grey levels; below them the ratio is noise
UNIT = 64.0  # a ratio of 1 in 8-bit fixed point: up to 4 times as bright can be told


class Evidence:
    """Answers for pictures of one scene; the scene's side of both questions is worked out once."""

    def __init__(self, scene: Picture, limit: Picture) -> None:
        """`scene` under the present light; `limit` is how many grey levels each pixel may differ by."""
        # What sways shows nothing beyond these.
        self._low = cv2.subtract(cv2.erode(scene, REACH), limit)
        self._high = cv2.add(cv2.dilate(scene, REACH), limit)
        self._black = plane(BLACK, scene.shape)
        self._level = np.maximum(scene, self._black)
        self._jump = cv2.divide(limit, self._level, scale=UNIT)

    def of(self, small: Picture, mask: Picture) -> Picture:
        """255 at the pixels of `mask` (255) where no swaying and no light makes `small` of the scene, else 0."""
        proof = cv2.subtract(mask, cv2.inRange(small, self._low, self._high))
        if cv2.countNonZero(proof) == 0:
            return np.asarray(proof, np.uint8)
        ratio = cv2.divide(np.maximum(small, self._black), self._level, scale=UNIT)
        jumps = cv2.compare(cv2.morphologyEx(ratio, cv2.MORPH_GRADIENT, REACH), self._jump, cv2.CMP_GT)
        return np.bitwise_and(proof, cv2.dilate(jumps, REACH))


def likeness(one: Picture, other: Picture) -> float:
    """Correlation of the brightness steps from pixel to pixel, -1..1: light leaves it high, things make it low."""
    pair = np.array((one, other), np.float32)
    shared = power = other_power = 0.0
    for a, b in (pair[:, 1:] - pair[:, :-1], pair[:, :, 1:] - pair[:, :, :-1]):
        shared, power, other_power = shared + np.vdot(a, b), power + np.vdot(a, a), other_power + np.vdot(b, b)
    return float(shared / max(math.sqrt(power * other_power), 1e-6))
