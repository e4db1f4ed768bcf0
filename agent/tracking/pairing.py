"""Which detection is which target: matrices of likeness, one row per target, one column per detection, in three passes.

Nothing is corrected here; `Tracker` does that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.tracking.assign import FORBIDDEN, assign
from agent.tracking.kinds import kind
from agent.tracking.target import Target
from agent.values import Box, Detection

Matrix = npt.NDArray[np.float64]  # (targets, detections), or (n, 4) boxes: left, top, right, bottom
Mask = npt.NDArray[np.bool_]

MIN_IOU, MIN_IOU_UNSURE, MIN_IOU_BUFFERED = 0.2, 0.3, 0.2
MIN_IOU_RESTING = 0.5  # what stands is where it stood: somebody who drives past is not it
BUFFER, BUFFER_PER_S, MOST_BUFFER = 0.25, 1.5, 1.0  # of its size, by which a box is enlarged on each side in pass three


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides in this frame. `resting`: for each target, whether it is parked and its place is as it was."""

    sure: float
    seconds: float  # since the frame before
    resting: Sequence[bool]


class Pairing:
    """The pairs of one frame."""

    def __init__(self, targets: Sequence[Target], detections: Sequence[Detection], rules: Rules) -> None:
        self._targets, self._detections, self._rules = targets, detections, rules
        self._waiting = np.ones(len(targets), dtype=bool)
        self._free = np.ones(len(detections), dtype=bool)

    def pairs(self) -> Iterator[tuple[Target, Detection]]:
        """Sure detections first; then unsure ones for confirmed targets; then sure ones that are further off."""
        if not self._targets or not self._detections:
            return
        rules = self._rules
        own = _table([target.box for target in self._targets])
        found = _table([detection.box for detection in self._detections])
        scores = np.array([detection.score for detection in self._detections])
        resting = np.array(rules.resting, dtype=bool)
        sure, kinds = scores >= rules.sure, self._kinds()
        confirmed = np.array([target.confirmed for target in self._targets])

        iou = ious(own, found)
        kinds &= (iou >= MIN_IOU_RESTING) | ~resting[:, None]
        costs = 1.0 - iou * scores
        yield from self._pass(costs, kinds & (iou >= MIN_IOU) & sure)
        yield from self._pass(costs, kinds & (iou >= MIN_IOU_UNSURE) & ~sure & confirmed[:, None])
        if not self._waiting.any() or not (self._free & sure).any():
            return
        buffer = min(BUFFER + BUFFER_PER_S * rules.seconds, MOST_BUFFER)
        iou = ious(enlarged(own, buffer), enlarged(found, buffer))
        yield from self._pass(1.0 - iou * scores, kinds & (iou >= MIN_IOU_BUFFERED) & sure)

    def left(self, score: float) -> list[Detection]:
        """The detections of at least this score that are nobody's."""
        free = self._free.tolist()
        return [each for each, mine in zip(self._detections, free, strict=True) if mine and each.score >= score]

    def _pass(self, costs: Matrix, allowed: Mask) -> Iterator[tuple[Target, Detection]]:
        allowed = allowed & self._waiting[:, None] & self._free
        if not allowed.any():
            return
        for row, column in assign(np.where(allowed, costs, FORBIDDEN)):
            self._waiting[row] = self._free[column] = False
            yield self._targets[row], self._detections[column]

    def _kinds(self) -> Mask:
        codes: dict[str, int] = {}
        rows = [codes.setdefault(target.kind, len(codes)) for target in self._targets]
        columns = [codes.setdefault(kind(each.label), len(codes)) for each in self._detections]
        return np.asarray(np.equal(np.array(rows)[:, None], np.array(columns)))


def ious(ones: Matrix, others: Matrix) -> Matrix:
    """Intersection over union of each with each; (n, 4) and (m, 4) give (n, m)."""
    shared = _shared(ones, others, 0) * _shared(ones, others, 1)
    union = _areas(ones)[:, None] + _areas(others) - shared
    return np.asarray(shared / np.maximum(union, 1e-12))


def enlarged(boxes: Matrix, share: float) -> Matrix:
    """Each box larger on every side, by this share of its size."""
    size = share * (boxes[:, 2:] - boxes[:, :2])
    return np.hstack([boxes[:, :2] - size, boxes[:, 2:] + size])


def _shared(ones: Matrix, others: Matrix, axis: int) -> Matrix:
    low = np.maximum(ones[:, axis, None], others[:, axis])
    return np.asarray(np.maximum(np.minimum(ones[:, axis + 2, None], others[:, axis + 2]) - low, 0.0))


def _areas(boxes: Matrix) -> Matrix:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _table(boxes: Sequence[Box]) -> Matrix:
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=np.float64)
