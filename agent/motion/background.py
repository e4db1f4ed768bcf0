"""What the empty scene looks like: a running average of small luma pictures, and how restless each of its pixels is.

Comes in: small luma pictures and the seconds between them. Goes out: masks of the pixels that differ, and of those that
do so by more than light and swaying. Lighting that changes is followed by `light.py`.

All is 8-bit arithmetic of whole pictures in OpenCV, a microsecond a step; only the averages are floats. What need not
be known of each picture is worked out when the scene is learnt, a few times a second.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from agent.motion.evidence import Evidence, likeness
from agent.motion.light import Light, light_between
from agent.motion.pieces import plane
from agent.values import Picture

LEARN_EVERY_S = 0.19  # the scene is learnt so often; more says nothing new
QUIET_S = 4.0  # time constant where nothing moves
STOPPED_S = 4.0  # where something differs but has stopped: a parked car, or the ghost of one that left
MOVING_S = 60.0  # where something moves: hardly learnt, so that passers-by do not smear the scene
STOPPED_AFTER_S = 1.0  # unchanged for this long; the even side of a car that passes is not
MIN_THRESHOLD = 11.0  # grey levels; below this, compression noise of good cameras counts as movement
NOISE_FACTOR = 6.0  # threshold in mean absolute deviations (a normal deviation is 1.25 of them)
MAX_THRESHOLD = 48.0
NOISE_S = 1.9  # time constant of the sensor's noise
RESTLESS_S = 10.0  # time constant of how much each pixel differs, whatever the cause: leaves, a swaying edge
RESTLESS_FACTOR = 2.5  # a pixel moves when it differs by so many times what it usually does
RESTLESS_CAP = 2.0  # thresholds
FLICKER_S = 9.5  # time constant: how quickly it is found out that a pixel flickers
FLICKER_SHARE = 0.15  # of the pictures at which a pixel turned from same to other or back; passers-by are far below
WEAK_SHARE = 0.55  # of a limit: enough beside what is known to move
CHANGE_SHARE = 0.7  # of a threshold: two judged pictures that differ by less are the same
LIGHT_SHARE = 0.003  # of the picture must differ before the light is looked into ...
LIGHT_LEVELS = 2.5  # ... and the picture be brighter or darker by so many grey levels
LIMITS_EVERY = 3  # learnings: all but what the scene looks like where nothing moves changes slowly
TOUCHING = np.ones((3, 3), np.uint8)


class Background:
    """A selective running average with one light for the whole picture (8-bit luma, any size).

    After Koller et al. 1994 and Piccardi 2004; the third learning rate, for what differs but has stopped, dissolves
    ghosts within seconds.
    """

    def __init__(self, first: Picture) -> None:
        self._scene: npt.NDArray[np.float32] = first.astype(np.float32)
        self._rounded = first  # the scene in 8 bits
        self._light = Light()
        self._noise = 1.0
        self._unlearnt_s = self._unlimited_s = 0.0
        self._learnings = 0
        # The picture before, and the one at the learning of limits before.
        self._before = self._learnt = first
        self._quiet: Picture = np.full(first.shape, 255, np.uint8)
        self._difference: Picture = np.zeros(first.shape, np.uint8)
        self._limit: Picture = np.full(first.shape, math.floor(MIN_THRESHOLD), np.uint8)
        self._weak_limit = self._limit
        self._unchanged: Picture = np.zeros(first.shape, np.uint8)  # for how many learnings of limits, at most 255
        self._mask: Picture = np.zeros(first.shape, np.uint8)  # what differed a picture ago
        self._restless: npt.NDArray[np.float32] = np.zeros(first.shape, np.float32)
        self._flicker: npt.NDArray[np.float32] = np.zeros(first.shape, np.float32)  # share of learnings, times 255
        self._swing: Picture = np.zeros(first.shape, np.uint8)  # by how much a pixel differs at most; fades
        self._evidence: Evidence | None = None  # of the scene as it is expected; None: not asked for yet
        self._expected = first  # the scene under the present light

    @property
    def threshold(self) -> float:
        """Grey levels a pixel of a calm spot must differ by."""
        return min(max(MIN_THRESHOLD, NOISE_FACTOR * self._noise), MAX_THRESHOLD)

    def differing(self, small: Picture) -> Picture:
        """255 where `small` differs from the scene under the present light, else 0. Does not learn the scene."""
        mask = self._beyond(small)
        if cv2.countNonZero(mask) > LIGHT_SHARE * mask.size and self._lit_anew(small):
            self._light = light_between(self._scene, small, self._quiet)
            if self._light.changed:
                self._evidence, self._expected = None, _lit(self._scene, self._light)
                self._difference = _u8(cv2.absdiff(small, self._expected))
                mask = _u8(cv2.compare(self._difference, self._limit, cv2.CMP_GT))
        return mask

    def weakly(self, where: Picture) -> Picture:
        """As `differing`, with a lower limit, at the pixels of `where` (255): dim parts of what is known to move."""
        weak = cv2.compare(self._difference, self._weak_limit, cv2.CMP_GT)
        return _u8(cv2.bitwise_and(weak, where))

    def proof(self, small: Picture, mask: Picture) -> Picture:
        """255 where `mask` is and the picture last given to `differing` shows more than light and swaying, else 0."""
        if self._evidence is None:
            self._evidence = Evidence(self._expected, self._limit)
        return self._evidence.of(small, mask)

    def same_drawing(self, small: Picture, where: tuple[slice, slice]) -> float:
        """How alike the edges of picture and scene are within `where`: 1 the same in any light, 0 nothing shared."""
        return likeness(small[where], self._rounded[where])

    def changed(self, small: Picture) -> Picture:
        """255 where `small` differs from the picture that was given to `learn` before it, else 0."""
        change = cv2.absdiff(small, self._before)
        return _u8(cv2.threshold(change, CHANGE_SHARE * self.threshold, 255, cv2.THRESH_BINARY)[1])

    def learn(self, small: Picture, mask: Picture, moving: Picture | None, seconds: float) -> None:
        """Take `small` into the scene: quickly where nothing moves, slowly at `moving`.

        `mask` is what `differing` gave, `moving` (255; None: nowhere) what may be a thing and its surroundings;
        `seconds` have passed since the picture before.
        """
        before, self._before = self._mask, small
        self._mask = mask
        self._unlearnt_s += seconds
        if self._unlearnt_s < LEARN_EVERY_S and not self._light.changed:
            return
        since_s, self._unlearnt_s = self._unlearnt_s, 0.0
        self._unlimited_s += since_s
        if self._light.changed:
            # The scene follows the light at once, so that the learning below only has the rest to do.
            self._scene *= np.float32(self._light.gain)
            self._scene += np.float32(self._light.offset)
        if moving is None:
            self._quiet = _u8(cv2.bitwise_not(mask))
            cv2.accumulateWeighted(small, self._scene, _rate(since_s, QUIET_S))
        else:
            self._quiet = np.bitwise_not(moving)
            cv2.accumulateWeighted(small, self._scene, _rate(since_s, QUIET_S), self._quiet)
        self._learnings += 1
        if self._learnings % LIMITS_EVERY == 0:
            since_s, self._unlimited_s = self._unlimited_s, 0.0
            self._learn_limits(small, np.bitwise_xor(mask, before), since_s)
            if moving is not None:
                self._learn_slowly(small, moving, since_s)
            self._evidence = None
        self._rounded = _u8(cv2.convertScaleAbs(self._scene))

    def _learn_slowly(self, small: Picture, moving: Picture, since_s: float) -> None:
        enough = min(STOPPED_AFTER_S / max(since_s, 1e-3), 250.0)
        stopped = cv2.threshold(self._unchanged, enough, 255, cv2.THRESH_BINARY)[1]
        cv2.accumulateWeighted(small, self._scene, _rate(since_s, STOPPED_S), cv2.bitwise_and(moving, stopped))
        changing = cv2.bitwise_and(moving, cv2.bitwise_not(stopped))
        cv2.accumulateWeighted(small, self._scene, _rate(since_s, MOVING_S), changing)

    def _learn_limits(self, small: Picture, turned: Picture, since_s: float) -> None:
        level = cv2.mean(cv2.min(self._difference, self._limit))[0]
        self._noise += _rate(since_s, NOISE_S) * (level - self._noise)
        threshold = self.threshold
        change = cv2.absdiff(small, self._learnt)
        still = cv2.threshold(change, CHANGE_SHARE * threshold, 255, cv2.THRESH_BINARY_INV)[1]
        self._unchanged = _u8(cv2.bitwise_and(cv2.add(self._unchanged, plane(1, small.shape)), still))
        self._learnt = small
        # Capped, so that passers-by, however dark, raise it only by how often they pass.
        capped = cv2.threshold(self._difference, RESTLESS_CAP * threshold, 0, cv2.THRESH_TRUNC)[1]
        cv2.accumulateWeighted(capped, self._restless, _rate(since_s, RESTLESS_S))
        restless = _u8(cv2.convertScaleAbs(self._restless, alpha=RESTLESS_FACTOR))
        self._limit = np.maximum(restless, plane(math.floor(threshold), small.shape))
        cv2.accumulateWeighted(turned, self._flicker, _rate(since_s, FLICKER_S))
        self._swing = _u8(cv2.max(cv2.subtract(self._swing, plane(LIMITS_EVERY, small.shape)), self._difference))
        flickers = (self._flicker > np.float32(255.0 * FLICKER_SHARE)).view(np.uint8)
        if cv2.countNonZero(flickers):
            swing = cv2.dilate(self._swing, TOUCHING) * cv2.dilate(flickers, TOUCHING)
            self._limit = np.maximum(self._limit, swing)
        self._weak_limit = _u8(cv2.convertScaleAbs(self._limit, alpha=WEAK_SHARE))

    def _beyond(self, small: Picture) -> Picture:
        if self._light.changed:
            self._evidence, self._light = None, Light()
        self._expected = self._rounded
        self._difference = _u8(cv2.absdiff(small, self._rounded))
        return _u8(cv2.compare(self._difference, self._limit, cv2.CMP_GT))

    def _lit_anew(self, small: Picture) -> bool:
        return abs(cv2.mean(small)[0] - cv2.mean(self._rounded)[0]) > LIGHT_LEVELS


def _lit(scene: npt.NDArray[np.float32], light: Light) -> Picture:
    return _u8(cv2.addWeighted(scene, light.gain, scene, 0.0, light.offset, dtype=cv2.CV_8U))


def _rate(seconds: float, constant_s: float) -> float:
    return 1.0 - math.exp(-max(seconds, 0.0) / constant_s)


def _u8(picture: object) -> Picture:
    assert isinstance(picture, np.ndarray)
    return picture
