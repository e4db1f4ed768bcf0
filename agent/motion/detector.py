"""Small pictures in, Motion out: boxes around what moves, largest first.

Small luma against a running-average scene, then a temporal gate: a region counts when something differed there
in the frame before too. A light switched on or off makes the whole picture differ; then the scene is learnt anew.
"""

import cv2
import numpy as np

from agent.motion.background import Background
from agent.values import Box, Motion, Picture, Small

LEARN_S = 0.5  # until then the scene is the first picture and `ready` is False
LEARN_FRAMES = 3
SWITCH_SHARE = 0.4  # more of the picture differs than passers-by can cover: the light, or the camera, changed
MIN_AREA = 6  # small pixels; less is noise that got past the gate
BIG_SHARE = 0.01  # of the picture: needs no second frame (a fast car at low frame rates)
MAX_BOXES = 16
TOUCHING = np.ones((3, 3), np.uint8)
MAX_PIECES = 64  # connected pieces looked at, largest first
NEAR = 0.015  # of the picture: pieces this near are one region (head and legs of one person) ...
LOOSE = 1.6  # ... unless the region around both would be mostly empty: this many times their own areas


class MotionDetector:
    """One camera's motion. Keeps two small pictures and the scene; about 0.2 ms a frame on one core."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # threads cost more than they give on small pictures
        self._key: tuple[int, int, int] | None = None  # run, height, width
        self._background: Background | None = None
        self._gate: Picture | None = None
        self._stirred = False
        self._since_s = 0.0
        self._last_s = 0.0
        self._frames = 0

    def update(self, small: Small) -> Motion:
        """What moves in a frame. A new run or size, or time that goes back, starts the learning anew."""
        luma, now_s = small.luma, small.at.mono_s
        key = (small.run, small.height, small.width)
        if self._background is None or key != self._key or now_s < self._last_s:
            self._key = key
            return self._start(luma, now_s)
        seconds, self._last_s = now_s - self._last_s, now_s
        self._frames += 1
        mask = self._background.differing(luma)
        share = cv2.countNonZero(mask) / mask.size
        if share > SWITCH_SHARE:
            return self._start(luma, now_s, share)
        # One dilation bridges the gaps that weak contrast leaves within one object.
        grown = np.asarray(cv2.dilate(mask, TOUCHING), dtype=np.uint8)
        boxes = self._gated(mask, grown)
        self._background.learn(luma, grown, seconds)
        self._gate = grown
        learning = now_s - self._since_s < LEARN_S or self._frames < LEARN_FRAMES
        share = min(sum(box.area for box in boxes), 1.0) if boxes else 0.0
        return Motion(boxes, share, not learning, self._stirred)

    def _start(self, small: Picture, now_s: float, share: float = 0.0) -> Motion:
        self._background = Background(small)
        self._gate = np.zeros_like(small)
        self._since_s = self._last_s = now_s
        self._frames = 1
        return Motion((), share, False)

    def _gated(self, mask: Picture, grown: Picture) -> tuple[Box, ...]:
        self._stirred = False
        if self._gate is None or not mask.any():
            return ()
        _, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8, ltype=cv2.CV_16U)
        height, width = mask.shape
        kept: list[Box] = []
        order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:MAX_PIECES] + 1
        for piece in order:
            left, top, across, down, area = (int(value) for value in stats[piece])
            if area < MIN_AREA:
                break
            window = np.s_[top : top + down, left : left + across]
            inside = labels[window] == piece
            pixels = int(np.count_nonzero(mask[window][inside]))
            if pixels < MIN_AREA // 2:
                continue
            self._stirred = True
            if area < BIG_SHARE * mask.size and not np.any(self._gate[window][inside]):
                continue
            kept.append(Box(left / width, top / height, (left + across) / width, (top + down) / height))
        return tuple(sorted(merged(kept), key=lambda box: -box.area)[:MAX_BOXES])


def merged(boxes: list[Box]) -> list[Box]:
    """Boxes that (nearly) touch become one where that leaves little empty space between them."""
    result: list[Box] = []
    for box in boxes:
        joined = box
        while True:
            near = [other for other in result if _near(joined, other)]
            if not near:
                break
            for other in near:
                result.remove(other)
                joined = joined.union(other)
        result.append(joined)
    return result


def _near(one: Box, other: Box) -> bool:
    touching = (
        one.left - NEAR <= other.right
        and other.left - NEAR <= one.right
        and one.top - NEAR <= other.bottom
        and other.top - NEAR <= one.bottom
    )
    return touching and one.union(other).area <= LOOSE * (one.area + other.area)
