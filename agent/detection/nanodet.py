"""NanoDet with one class map and one distance distribution per stride, as `deploy.convert` makes it from NanoDet-g.

In: BGR, normalised with ImageNet's mean and deviation, stretched to the input size. Out: three (1, cells, classes) of
scores through the sigmoid, then three (1, cells, 4 * bins) distributions of left, top, right, bottom in strides.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from agent.detection.family import Array, Candidates, Signature, Tensor, cell_centres
from agent.values import Picture

STRIDES = (8, 16, 32)
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)


class NanoDet:
    """Adapter of NanoDet; distances are the mean of a distribution (generalized focal loss, Li et al. 2020)."""

    name = "nanodet"
    enough_px = 16.0
    stretched = True
    any_size = True

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self._size = (signature.width, signature.height)
        self._centres, self._strides = cell_centres(signature, STRIDES, offset=0.5)

    @staticmethod
    def fits(signature: Signature) -> bool:
        """Six outputs: classes, then distributions, each with a row for each cell of its grid."""
        shapes = signature.shapes
        cells = [(signature.width // stride) * (signature.height // stride) for stride in STRIDES]
        if len(shapes) != 6 or any(len(shape) != 3 for shape in shapes):
            return False
        classes, bins = shapes[0][2], shapes[3][2]
        expected = [(1, n, classes) for n in cells] + [(1, n, bins) for n in cells]
        return list(shapes) == expected and bins % 4 == 0 and bins >= 8 and classes >= 1

    @staticmethod
    def classes(signature: Signature) -> int:
        """Columns of scores."""
        return signature.shapes[0][2]

    def at(self, width: int, height: int) -> "NanoDet":
        """The same for an input of that size in pixels."""
        return NanoDet(replace(self._signature, width=width, height=height))

    def fit(self, _width: int, _height: int) -> tuple[int, int]:
        """All of the input."""
        return self._size

    def prepare(self, picture: Picture) -> Tensor:
        """Stretched, BGR, normalised."""
        resized = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
        resized -= MEAN
        resized /= DEVIATION
        return np.ascontiguousarray(resized.transpose(2, 0, 1)[None])

    def decode(self, outputs: Sequence[Array], picture: Picture, score: float) -> Candidates:
        """The cells above `score`."""
        scores = np.concatenate([output[0] for output in outputs[:3]])
        keep = scores.max(axis=1) > score
        logits = np.concatenate([output[0] for output in outputs[3:]])[keep]
        logits = logits.reshape(len(logits), 4, logits.shape[1] // 4)
        weights = np.exp(logits - logits.max(axis=2, keepdims=True, initial=0.0))
        distances = (weights * np.arange(logits.shape[2])).sum(axis=2) / weights.sum(axis=2) * self._strides[keep]
        centres = self._centres[keep]
        height, width = picture.shape[:2]
        scale = np.array([width / self._size[0], height / self._size[1]] * 2)
        boxes = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1) * scale
        return Candidates.best_class(boxes, scores[keep])
