"""Non-maximum suppression: of boxes of one class that overlap, the best stays."""

from collections.abc import Collection

import numpy as np

from agent.detection.family import Array, Candidates

IOU = 0.6
ROW_IOU = 0.7
MOST = 300  # candidates looked at, best first: bounds the work on a broken model or a noisy picture


def suppress(found: Candidates, iou: float = IOU, rows: Collection[int] = ()) -> Candidates:
    """The candidates that stay, best first. Rows with numbers that are not finite are dropped.

    Labels in `rows` are of things that park closely in a row: their neighbours may overlap by ROW_IOU.
    """
    finite = np.isfinite(found.boxes).all(axis=1) & np.isfinite(found.scores)
    # Stable, so that equal scores come out in the same order on every machine.
    order = np.argsort(-np.where(finite, found.scores, -np.inf), kind="stable")[: min(MOST, int(finite.sum()))]
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        same = found.labels[rest] == found.labels[best]
        most = max(iou, ROW_IOU) if int(found.labels[best]) in rows else iou
        order = rest[~(same & (_iou(found.boxes[best], found.boxes[rest]) > most))]
    return Candidates(found.boxes[kept], found.scores[kept], found.labels[kept])


def _iou(box: Array, others: Array) -> Array:
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = sides.clip(min=0).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    overlap: Array = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return overlap
