"""What the empty scene looks like: a running average of small luma pictures, and how noisy this camera is.

Comes in: small luma pictures and the seconds between them. Goes out: a mask of the pixels that differ. Lighting that
changes is followed by `light.py`; telling objects from pixels is left to `detector.py`.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from agent.motion.light import Light, light_between
from agent.values import Picture

QUIET_S = 4.0  # time constant where nothing moves
STOPPED_S = 4.0  # where something differs but has stopped: a parked car, or the ghost of one that left
MOVING_S = 60.0  # where something moves: hardly learnt, so that passers-by do not smear the scene
STOPPED_AFTER_S = 1.0  # unchanged for this long; the even side of a car that passes is not
MIN_THRESHOLD = 11.0  # grey levels; below this, compression noise of good cameras counts as movement
NOISE_FACTOR = 6.0  # threshold in mean absolute deviations (a normal deviation is 1.25 of them)
MAX_THRESHOLD = 48.0
RESTLESS_S = 10.0  # time constant of how much each pixel differs, whatever the cause: leaves, a swaying edge
RESTLESS_FACTOR = 2.5  # a pixel moves when it differs by so many times what it usually does
RESTLESS_CAP = 2.0  # thresholds
STILL_CHANGE = 6.0  # grey levels between two frames below which a pixel has not changed


class Background:
    """A selective running average with one light for the whole picture (8-bit luma, any size).

    After Koller et al. 1994 and Piccardi 2004; the third learning rate, for what differs but has stopped, dissolves
    ghosts within seconds.
    """

    def __init__(self, first: Picture) -> None:
        self._scene: npt.NDArray[np.float32] = first.astype(np.float32)
        self._before = first
        self._quiet: Picture = np.full(first.shape, 255, np.uint8)
        self._unchanged: Picture = np.zeros(first.shape, np.uint8)  # frames, at most 255
        self._difference: Picture = np.zeros(first.shape, np.uint8)
        self._restless: npt.NDArray[np.float32] = np.zeros(first.shape, np.float32)
        self._noise = 1.0
        self._light = Light()

    @property
    def threshold(self) -> float:
        """Grey levels a pixel must differ by."""
        return min(max(MIN_THRESHOLD, NOISE_FACTOR * self._noise), MAX_THRESHOLD)

    def differing(self, small: Picture) -> Picture:
        """255 where `small` differs from the scene under the present light, else 0. Does not learn the scene."""
        self._light = light_between(self._scene, small, self._quiet)
        expected = np.clip(self._scene * self._light.gain + self._light.offset, 0.0, 255.0).astype(np.uint8)
        difference = np.asarray(cv2.absdiff(small, expected), dtype=np.uint8)
        limit = np.maximum(self._restless * np.float32(RESTLESS_FACTOR), np.float32(self.threshold))
        mask: Picture = np.where(difference > limit, np.uint8(255), np.uint8(0))
        self._difference = difference
        level = cv2.mean(difference, np.bitwise_not(mask))[0]
        self._noise += 0.05 * (level - self._noise)
        return mask

    def learn(self, small: Picture, moving: Picture, seconds: float) -> None:
        """Take `small` into the scene: quickly where nothing moves, slowly under `moving` (255)."""
        if self._light.changed:
            # The scene follows the light at once, so that the learning below only has the rest to do.
            self._scene *= np.float32(self._light.gain)
            self._scene += np.float32(self._light.offset)
        still = np.asarray(cv2.absdiff(small, self._before)) <= STILL_CHANGE
        self._unchanged = np.where(still, np.minimum(self._unchanged, 254) + np.uint8(1), np.uint8(0))
        enough = min(STOPPED_AFTER_S / max(seconds, 1e-3), 250.0)
        stopped = cv2.threshold(self._unchanged, enough, 255, cv2.THRESH_BINARY)[1]
        # Capped, so that passers-by, however dark, raise it only by how often they pass.
        capped = np.minimum(self._difference, np.uint8(RESTLESS_CAP * self.threshold))
        cv2.accumulateWeighted(capped, self._restless, _rate(seconds, RESTLESS_S))
        quiet = np.bitwise_not(moving)
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, QUIET_S), quiet)
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, STOPPED_S), cv2.bitwise_and(moving, stopped))
        changing = cv2.bitwise_and(moving, cv2.bitwise_not(stopped))
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, MOVING_S), changing)
        self._before, self._quiet = small, quiet


def _rate(seconds: float, constant_s: float) -> float:
    return 1.0 - math.exp(-max(seconds, 0.0) / constant_s)
