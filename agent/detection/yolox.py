"""YOLOX with the raw head, as Megvii's ONNX export gives it (without `--decode_in_inference`).

In: BGR 0..255, shrunk without distortion into the top left corner, the rest grey 114. Out: one (1, n, 5 + classes)
of x, y, w, h, objectness and class scores; the centre is (xy + cell) * stride and the size is exp(wh) * stride.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from agent.detection.family import Array, Candidates, Signature, Tensor, cell_centres
from agent.values import Picture

STRIDES = (8, 16, 32)
GREY = 114
LARGEST_EXPONENT = 10.0  # exp of more than this is no size of a box, but may overflow


class Yolox:
    """Adapter of YOLOX (Ge et al. 2021)."""

    name = "yolox"
    enough_px = 16.0
    stretched = False
    any_size = True

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self._width, self._height = signature.width, signature.height
        self._corners, self._strides = cell_centres(signature, STRIDES, offset=0.0)

    @staticmethod
    def fits(signature: Signature) -> bool:
        """One output with a row of more than five numbers for each cell of the three grids."""
        cells = sum((signature.width // stride) * (signature.height // stride) for stride in STRIDES)
        shapes = signature.shapes
        return len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][:2] == (1, cells) and shapes[0][2] > 5

    @staticmethod
    def classes(signature: Signature) -> int:
        """Columns of scores."""
        return signature.shapes[0][2] - 5

    def at(self, width: int, height: int) -> "Yolox":
        """The same for an input of that size in pixels."""
        return Yolox(replace(self._signature, width=width, height=height))

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """As large as goes in without distortion."""
        scale = min(self._height / height, self._width / width)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def prepare(self, picture: Picture) -> Tensor:
        """Letterboxed at the top left, BGR, 0..255."""
        width, height = self.fit(picture.shape[1], picture.shape[0])
        canvas = np.full((self._height, self._width, 3), GREY, np.uint8)
        canvas[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], dtype=np.float32)

    def decode(self, outputs: Sequence[Array], picture: Picture, score: float) -> Candidates:
        """The cells above `score`, which is objectness times class."""
        rows = outputs[0][0]
        # Class scores are at most 1, so a cell below the threshold by objectness alone cannot pass.
        keep = np.flatnonzero(rows[:, 4] > score)
        scores = rows[keep, 4:5] * rows[keep, 5:]
        passed = scores.max(axis=1) > score if len(keep) else np.zeros(0, bool)
        keep, scores = keep[passed], scores[passed]
        stride = self._strides[keep]
        centre = rows[keep, 0:2] * stride + self._corners[keep]
        half = np.exp(np.minimum(rows[keep, 2:4], LARGEST_EXPONENT)) * stride / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1) / self._scale(picture)
        return Candidates.best_class(boxes, scores)

    def _scale(self, picture: Picture) -> float:
        return float(min(self._height / picture.shape[0], self._width / picture.shape[1]))
