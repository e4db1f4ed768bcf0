"""What the empty scene looks like: a running average of small luma pictures, and how noisy this camera is.

Comes in: small luma pictures and the seconds between them. Goes out: a mask of the pixels that differ. Lighting that
changes slowly is followed by a gain; telling objects from pixels is left to `detector.py`.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture

Plane = npt.NDArray[np.float32]

QUIET_S = 4.0  # time constant where nothing moves
STOPPED_S = 4.0  # where something differs but has stopped changing: a parked car, or the ghost of one that left
MOVING_S = 60.0  # where something moves: hardly learnt, so that passers-by do not smear the scene
MIN_THRESHOLD = 11.0  # grey levels; below this, compression noise of good cameras counts as movement
NOISE_FACTOR = 6.0  # threshold in mean absolute deviations (a normal deviation is 1.25 of them)
MAX_THRESHOLD = 48.0
STILL_CHANGE = 6.0  # grey levels between two frames below which a pixel has stopped changing
GAIN_RANGE = (0.5, 2.0)  # exposure steps that a gain can follow


class Background:
    """A running-average scene model with one gain for the whole picture (8-bit luma, any size).

    The selective running average is the classic of Koller et al. 1994 and Piccardi 2004; the third learning rate, for
    what differs but no longer changes, dissolves ghosts within seconds.
    """

    def __init__(self, first: Picture) -> None:
        self._scene: Plane = first.astype(np.float32)
        self._before = first
        self._quiet: Picture = np.full(first.shape, 255, np.uint8)
        self._noise = 1.0
        self.gain = 1.0

    @property
    def threshold(self) -> float:
        """Grey levels a pixel must differ by."""
        return min(max(MIN_THRESHOLD, NOISE_FACTOR * self._noise), MAX_THRESHOLD)

    def differing(self, small: Picture) -> Picture:
        """255 where `small` differs from the scene under the present light, else 0. Does not learn."""
        self.gain = self._light(small)
        expected = cv2.convertScaleAbs(self._scene, alpha=self.gain)
        difference = cv2.absdiff(small, expected)
        mask = cv2.threshold(difference, self.threshold, 255, cv2.THRESH_BINARY)[1]
        quiet = cv2.bitwise_not(mask)
        level = cv2.mean(difference, quiet)[0]
        self._noise += 0.05 * (level - self._noise)
        return np.asarray(mask, dtype=np.uint8)

    def learn(self, small: Picture, moving: Picture, seconds: float) -> None:
        """Take `small` into the scene: quickly where nothing moves, slowly under `moving` (255)."""
        if abs(self.gain - 1.0) > 1e-3:
            # The scene follows the light at once, so that the learning below only has the rest to do.
            np.multiply(self._scene, self.gain, out=self._scene)
        change = cv2.absdiff(small, self._before)
        stopped = cv2.threshold(change, STILL_CHANGE, 255, cv2.THRESH_BINARY_INV)[1]
        quiet = np.bitwise_not(moving)
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, QUIET_S), quiet)
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, STOPPED_S), cv2.bitwise_and(moving, stopped))
        changing = cv2.bitwise_and(moving, cv2.bitwise_not(stopped))
        cv2.accumulateWeighted(small, self._scene, _rate(seconds, MOVING_S), changing)
        self._before = small
        self._quiet = quiet

    def _light(self, small: Picture) -> float:
        now = cv2.mean(small, self._quiet)[0]
        scene = cv2.mean(self._scene, self._quiet)[0]
        if now < 1.0 or scene < 1.0:  # (nearly) black, or nothing quiet: no light to compare
            return 1.0
        return min(max(now / scene, GAIN_RANGE[0]), GAIN_RANGE[1])


def _rate(seconds: float, constant_s: float) -> float:
    return 1.0 - math.exp(-max(seconds, 0.0) / constant_s)
