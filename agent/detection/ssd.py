"""SSD with box decoding inside the graph, as `deploy.convert` makes it from the TensorFlow.js coco-ssd model.

In: RGB 0..255, stretched to the input size as in training. Out: `boxes` (…, n, 1, 4) as top, left, bottom, right in
0..1, and `scores` (…, n, 90), already through the sigmoid; column = COCO id - 1, of which 80 are in use.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from agent.config.labels import COCO
from agent.detection.family import Array, Candidates, Signature, Tensor
from agent.values import Picture

COLUMNS = 90
# The COCO ids that were planned but never annotated.
UNUSED_IDS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
USED_COLUMNS = np.array([number - 1 for number in range(1, COLUMNS + 1) if number not in UNUSED_IDS])


class Ssd:
    """Adapter of SSD (Liu et al. 2016), here with MobileNetV2 and separable heads."""

    name = "ssd"

    def __init__(self, signature: Signature) -> None:
        self._size = (signature.width, signature.height)

    @staticmethod
    def fits(signature: Signature) -> bool:
        """Two outputs: boxes of four numbers, and 90 scores for each of them."""
        if len(signature.outputs) != 2 or len(COCO) != len(USED_COLUMNS):
            return False
        boxes, scores = signature.shapes
        return boxes[-1:] == (4,) and scores[-1:] == (COLUMNS,) and np.prod(boxes) * COLUMNS == np.prod(scores) * 4

    def prepare(self, picture: Picture) -> Tensor:
        """Stretched, RGB, 0..255."""
        resized = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(resized[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)

    def decode(self, outputs: Sequence[Array], picture: Picture, score: float) -> Candidates:
        """The anchors above `score`."""
        scores = outputs[1].reshape(-1, COLUMNS)[:, USED_COLUMNS]
        keep = scores.max(axis=1) > score
        height, width = picture.shape[:2]
        boxes = outputs[0].reshape(-1, 4)[keep][:, [1, 0, 3, 2]] * np.array([width, height, width, height])
        return Candidates.best_class(boxes, scores[keep])
