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
import numpy.typing as npt

from agent.values import Picture

REACH = np.ones((3, 3), np.uint8)
RANGE_SHARE = 1.0  # of a pixel's limit, to be out of the neighbourhood's range
JUMP_SHARE = 1.0  # of a pixel's limit, that the ratio must jump by between two pixels, in grey levels
BLACK = 8  # grey levels; below them the ratio is noise
UNIT = 64.0  # a ratio of 1 in 8-bit fixed point: up to 4 times as bright can be told


class Evidence:
    """Answers for pictures of one scene; the scene's side of both questions is worked out once."""

    def __init__(self, scene: Picture, limit: Picture) -> None:
        """`scene` under the present light; `limit` is how many grey levels each pixel may differ by."""
        self._low, self._high = cv2.erode(scene, REACH), cv2.dilate(scene, REACH)
        self._aside = cv2.convertScaleAbs(limit, alpha=RANGE_SHARE)
        per_level: npt.NDArray[np.float32] = np.float32(UNIT) / np.maximum(scene, BLACK).astype(np.float32)
        self._per_level = per_level
        self._jump = cv2.multiply(limit, per_level, scale=JUMP_SHARE, dtype=cv2.CV_8U)

    def of(self, small: Picture, mask: Picture) -> Picture:
        """255 at the pixels of `mask` (255) where no swaying and no light makes `small` of the scene, else 0."""
        left, top, across, down = cv2.boundingRect(mask)
        tall, wide = mask.shape
        part = np.s_[max(top - 2, 0) : min(top + down + 2, tall), max(left - 2, 0) : min(left + across + 2, wide)]
        beyond = cv2.max(cv2.subtract(small[part], self._high[part]), cv2.subtract(self._low[part], small[part]))
        aside = cv2.compare(beyond, self._aside[part], cv2.CMP_GT)
        ratio = cv2.multiply(np.maximum(small[part], BLACK), self._per_level[part], dtype=cv2.CV_8U)
        jumps = cv2.compare(cv2.morphologyEx(ratio, cv2.MORPH_GRADIENT, REACH), self._jump[part], cv2.CMP_GT)
        proof: Picture = np.zeros_like(mask)
        np.bitwise_and(cv2.bitwise_and(aside, cv2.dilate(jumps, REACH)), mask[part], out=proof[part])
        return proof


def likeness(one: Picture, other: Picture) -> float:
    """Correlation of the brightness steps from pixel to pixel, -1..1: light leaves it high, things make it low."""
    shared = power = other_power = 0.0
    first, second = one.astype(np.float32), other.astype(np.float32)
    for later, earlier in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        a, b = (first[later] - first[earlier]).ravel(), (second[later] - second[earlier]).ravel()
        shared, power, other_power = shared + float(a @ b), power + float(a @ a), other_power + float(b @ b)
    return shared / max(math.sqrt(power * other_power), 1e-6)
