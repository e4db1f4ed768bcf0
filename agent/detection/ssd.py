"""SSD with box decoding inside the graph, as `deploy.convert` makes it from the TensorFlow.js coco-ssd model.

In: RGB 0..255, stretched to the input size as in training. Out: `boxes` (…, n, 1, 4) as top, left, bottom, right in
0..1, and `scores` (…, n, classes), already through the sigmoid. The shipped one has 90, of which 80 are in use:
column = COCO id - 1.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from agent.detection.family import Array, Candidates, Signature, Tensor
from agent.detection.labels import Columns
from agent.values import Picture


class Ssd:
    """Adapter of SSD (Liu et al. 2016), here with MobileNetV2 and separable heads."""

    name = "ssd"
    enough_px = 40.0
    stretched = True
    any_size = False  # its anchors are numbers in the graph

    def __init__(self, signature: Signature, columns: Columns | None = None) -> None:
        """`columns`: the scores that count; None: all of them."""
        self._size = (signature.width, signature.height)
        self._columns = columns

    @staticmethod
    def fits(signature: Signature) -> bool:
        """Two outputs: boxes of four numbers, and a score of each class for each of them."""
        if len(signature.outputs) != 2:
            return False
        boxes, scores = signature.shapes
        if boxes[-1:] != (4,) or len(scores) < 2 or scores[-1] < 1:
            return False
        return bool(np.prod(boxes) * scores[-1] == np.prod(scores) * 4)

    @staticmethod
    def classes(signature: Signature) -> int:
        """Columns of scores."""
        return signature.shapes[1][-1]

    def at(self, width: int, height: int) -> "Ssd":
        """Only for its own size."""
        if (width, height) != self._size:
            raise ValueError(f"an SSD of {self._size} at {width}x{height}")
        return self

    def fit(self, _width: int, _height: int) -> tuple[int, int]:
        """All of the input."""
        return self._size

    def prepare(self, picture: Picture) -> Tensor:
        """Stretched, RGB, 0..255."""
        resized = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(resized[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)

    def decode(self, outputs: Sequence[Array], picture: Picture, score: float) -> Candidates:
        """The anchors above `score`."""
        scores = outputs[1].reshape(-1, outputs[1].shape[-1])
        if self._columns is not None:
            scores = scores[:, self._columns]
        keep = scores.max(axis=1) > score
        height, width = picture.shape[:2]
        boxes = outputs[0].reshape(-1, 4)[keep][:, [1, 0, 3, 2]] * np.array([width, height, width, height])
        return Candidates.best_class(boxes, scores[keep])
