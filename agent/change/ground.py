"""What the place looks like when nothing is on it, and what every pixel shows instead, for how long.

Two layers per pixel: the ground, learnt slowly and only from what agrees with it, and a candidate, the value that the
pixel shows now and has kept (the cache of Kim et al. 2005, with one entry). A candidate that disagrees with the ground
and stays is a lasting change (after Porikli 2007, who compares a slow and a quick background). Regions are left to
`finder.py`.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from agent.change.light import light_step
from agent.values import Picture

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
LEARN_S = 30.0  # time constant of the ground where it agrees
RESTLESS_S = 30.0  # ... of how much each pixel changes from look to look: leaves, water
MIN_THRESHOLD, NOISE_FACTOR, MAX_THRESHOLD = 12.0, 6.0, 48.0  # grey levels; mean deviations
RESTLESS_FACTOR = 2.0
SAME = 0.7  # of the threshold: the candidate is still what the pixel shows
HIDDEN_LOOKS = 2  # a passer-by hides the candidate for fewer looks
FOLLOW = np.float32(0.3)
SUPPORT = 0.6  # share of the looks in which the ground was seen: less, and nobody knows what it looks like
SUPPORT_LOOKS = 60
LEAST_LOOKS = 5
BACK_LOOKS = 4  # and it is the ground again


class Ground:
    """Pictures (rows, columns), all as large as the small picture."""

    def __init__(self, first: Picture, now_s: float) -> None:
        self.scene: Plane = first.astype(np.float32)
        self.shown: Plane = self.scene.copy()  # the candidate
        self.begun: Plane = np.full(first.shape, now_s, np.float32)  # since when it is shown
        self.looks: Picture = np.zeros(first.shape, np.uint8)
        self.differs: Mask = np.zeros(first.shape, np.bool_)
        self.back: Picture = np.zeros(first.shape, np.uint8)  # looks in a row in which the ground was seen
        self._same: Mask = np.zeros(first.shape, np.bool_)  # the candidate is shown now
        self._hidden: Picture = np.zeros(first.shape, np.uint8)
        self._support: Plane = np.ones(first.shape, np.float32)
        self._count = 0
        self._restless: Plane = np.zeros(first.shape, np.float32)
        self._before: Plane = self.scene
        self._noise = 1.5
        self._now_s = now_s

    def look(self, luma: Picture, now_s: float, frozen: Mask) -> None:
        """Take one picture. Under `frozen` the ground is not learnt, and follows the light of the rest."""
        picture = luma.astype(np.float32)
        seconds, self._now_s = max(now_s - self._now_s, 0.0), now_s
        light = light_step(self.scene, picture, self.differs)
        if light is not None:
            for plane in (self.scene, self.shown, self._before):
                np.add(plane * np.float32(light[0]), np.float32(light[1]), out=plane)
        difference = np.asarray(cv2.absdiff(picture, self.scene), dtype=np.float32)
        flicker = np.asarray(cv2.absdiff(picture, self._before), dtype=np.float32)
        self._restless += (flicker - self._restless) * _rate(seconds, RESTLESS_S)
        self._before = picture
        threshold = min(max(MIN_THRESHOLD, NOISE_FACTOR * self._noise), MAX_THRESHOLD)
        limit = np.clip(self._restless * np.float32(RESTLESS_FACTOR), np.float32(threshold), np.float32(MAX_THRESHOLD))
        self.differs = difference > limit
        agrees = ~self.differs
        self.back = np.where(agrees, np.minimum(self.back, 254) + np.uint8(1), np.uint8(0))
        self._show(picture, now_s, limit)
        self._same &= np.abs(self.shown - self.scene) > limit  # or a passer-by hides the ground
        self._learn(picture, difference, agrees & ~frozen, frozen, seconds)

    def lasting(self, after_s: float, least_looks: int) -> Mask:
        """Where something else than the ground has been shown for at least so long."""
        kept = (self._now_s - self.begun >= np.float32(after_s)) & (self.looks >= least_looks)
        other: Mask = self.differs & self._same & kept
        # A ground that was hardly ever seen is a passer-by of the first pictures: what stays is the ground.
        unsure = other & (self._support < SUPPORT) if self._count >= LEAST_LOOKS else other
        if unsure.any():
            self.accept(unsure)
            return other & ~unsure
        return other

    def accept(self, mask: Mask) -> None:
        """What is shown under `mask` is the ground from now on."""
        self.scene[mask] = self.shown[mask]
        self._support[mask] = 1.0
        self.differs &= ~mask

    def begin(self, luma: Picture, now_s: float) -> None:
        """The light is another: this picture is the ground."""
        self.scene = luma.astype(np.float32)
        self._before = self.scene.copy()
        self.differs[:] = False
        self._support[:] = 1.0
        self.forget(now_s)

    def forget(self, now_s: float) -> None:
        """Time broke off: what is shown begins anew; the ground stays."""
        self.looks[:] = 0
        self.begun[:] = now_s
        self._now_s = now_s

    def _show(self, picture: Plane, now_s: float, limit: Plane) -> None:
        rest = picture - self.shown
        self._same = same = np.abs(rest) <= limit * np.float32(SAME)
        self._hidden = np.where(same, np.uint8(0), self._hidden + np.uint8(1))
        other = self._hidden >= HIDDEN_LOOKS
        other |= ~same & (self.looks < 2)
        self.shown += np.where(same, rest * FOLLOW, np.where(other, rest, np.float32(0.0)))
        np.copyto(self.begun, np.float32(now_s), where=other)
        self.looks = np.where(other, np.uint8(0), np.minimum(self.looks, 253) + same.astype(np.uint8))
        np.copyto(self._hidden, np.uint8(0), where=other)

    def _learn(self, picture: Plane, difference: Plane, quiet: Mask, frozen: Mask, seconds: float) -> None:
        if not quiet.any():
            return
        self._noise += 0.1 * (float(difference[quiet].mean()) - self._noise)
        before = float(self.scene[quiet].mean())
        rate = np.where(quiet, _rate(seconds, LEARN_S), np.float32(0.0))
        self.scene += (picture - self.scene) * rate
        self._count += 1
        told = quiet | ~self._same  # what stands still in front of it says nothing of the ground
        seen = (quiet.astype(np.float32) - self._support) / np.float32(min(self._count, SUPPORT_LOOKS))
        self._support += np.where(told & ~frozen, seen, np.float32(0.0))
        if before > 1.0 and frozen.any():
            self.scene[frozen] *= np.float32(float(self.scene[quiet].mean()) / before)


def _rate(seconds: float, constant_s: float) -> float:
    return 1.0 - math.exp(-seconds / constant_s)
