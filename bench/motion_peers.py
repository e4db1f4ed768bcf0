"""OpenCV's two background subtractors as motion detectors: each at full size and in colour, as their manual shows them.

What they give is a mask, so both get the same treatment: the picture blurred against noise, shadows dropped, the mask
opened against specks and dilated to close gaps, connected components of at least `min_area`, the agent's guard against
light switches, a temporal rule (a region counts when something differed there in the frame before too), and near boxes
joined by the agent's own rule. The settings come from a small sweep over two scenes; better ones may exist
(docs/design/motion.md). The agent had far more work put into it than the peers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from agent.motion.boxes import merged
from agent.values import Box, Picture

FOREGROUND = 255  # 127 is shadow
SWITCH_SHARE = 0.4  # more of the picture differs: light or camera
SPECK = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Settings:
    """Of a subtractor and of what is made of its mask."""

    history: int = 500  # pictures
    threshold: float = 16.0  # squared distance
    min_area: int = 100  # pixels of a 640x360 picture
    reach: int = 7  # pixels that a dilation joins
    blur: int = 5  # pixels of a Gaussian blur before it, against the sensor's noise; 0: none


MOG2 = Settings(threshold=16.0, min_area=200)
KNN = Settings(threshold=400.0, min_area=200)


def mog2(settings: Settings) -> cv2.BackgroundSubtractor:
    """Gaussian mixtures (Zivkovic 2004)."""
    return cv2.createBackgroundSubtractorMOG2(settings.history, settings.threshold, True)


def knn(settings: Settings) -> cv2.BackgroundSubtractor:
    """Nearest neighbours (Zivkovic and van der Heijden 2006)."""
    return cv2.createBackgroundSubtractorKNN(settings.history, settings.threshold, True)


class MaskMotion:
    """Boxes out of a subtractor's masks."""

    def __init__(self, make: Callable[[Settings], cv2.BackgroundSubtractor], settings: Settings) -> None:
        self._subtractor, self._settings = make(settings), settings
        self._joins = np.ones((settings.reach, settings.reach), np.uint8)
        self._before: Picture | None = None

    def update(self, picture: Picture) -> tuple[Box, ...]:
        """What moves in one (height, width, 3) BGR picture."""
        if self._settings.blur:
            picture = np.asarray(cv2.GaussianBlur(picture, (self._settings.blur, self._settings.blur), 0), np.uint8)
        mask = cv2.threshold(self._subtractor.apply(picture), FOREGROUND - 1, 255, cv2.THRESH_BINARY)[1]
        if cv2.countNonZero(mask) > SWITCH_SHARE * mask.size:
            self._before = None
            return ()
        clean: Picture = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, SPECK), np.uint8)
        grown: Picture = np.asarray(cv2.dilate(clean, self._joins), np.uint8)
        before, self._before = self._before, grown
        return () if before is None else tuple(merged(self._boxes(clean, grown, before)))

    def _boxes(self, clean: Picture, grown: Picture, before: Picture) -> list[Box]:
        height, width = clean.shape
        least = self._settings.min_area * height * width / (640 * 360)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(grown)
        areas = np.bincount(labels[clean > 0], minlength=count)
        again = np.bincount(labels[before > 0], minlength=count)
        boxes = []
        for piece in range(1, count):
            left, top, across, down, _ = stats[piece].tolist()
            if areas[piece] >= least and again[piece]:
                inner = cv2.boundingRect(clean[top : top + down, left : left + across])
                x, y = left + inner[0], top + inner[1]
                boxes.append(Box(x / width, y / height, (x + inner[2]) / width, (y + inner[3]) / height))
        return boxes
