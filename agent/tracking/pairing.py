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

Matrix = npt.NDArray[np.float64]  # (targets, detections), or boxes with left, top, right, bottom as last axis
Mask = npt.NDArray[np.bool_]

MIN_IOU, MIN_IOU_UNSURE, MIN_IOU_BUFFERED = 0.2, 0.3, 0.2
SAME_AREA = 0.5  # a parked vehicle and what is taken for it differ by less
MIN_IOU_RESTING = 0.5  # what stands is where it stood: somebody who drives past is not it
BUFFER, BUFFER_PER_S, MOST_BUFFER = 0.25, 1.5, 1.0  # of its size, by which a box is enlarged on each side in pass three


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides in this frame. Of each target: how long ago its place was searched, whether it is parked, and if so
    whether its place looks as it did.
    """

    sure: float
    gaps_s: Sequence[float]
    parked: Sequence[bool]
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
        own = _table([target.box for target in self._targets])[:, None, :]
        found = _table([detection.box for detection in self._detections])[None, :, :]
        scores = np.array([detection.score for detection in self._detections])
        parked, resting = (np.array(each, dtype=bool)[:, None] for each in (rules.parked, rules.resting))
        sure, kinds = scores >= rules.sure, self._kinds()
        confirmed = np.array([target.confirmed for target in self._targets])

        iou = ious(own, found)
        if parked.any():
            kinds &= (_area_ratio(own, found) >= SAME_AREA) | ~parked
            kinds &= (iou >= MIN_IOU_RESTING) | ~resting
        costs = 1.0 - iou * scores
        yield from self._pass(costs, kinds & (iou >= MIN_IOU) & sure)
        yield from self._pass(costs, kinds & (iou >= MIN_IOU_UNSURE) & ~sure & confirmed[:, None])
        if not self._waiting.any() or not (self._free & sure).any():
            return
        # The same share around both, so that a pair is alike however large the boxes are.
        share = np.minimum(BUFFER + BUFFER_PER_S * np.array(rules.gaps_s), MOST_BUFFER)[:, None, None]
        iou = ious(enlarged(own, share), enlarged(found, share))
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
    """Intersection over union; (n, 1, 4) and (1, m, 4) give (n, m)."""
    size = np.minimum(ones[..., 2:], others[..., 2:]) - np.maximum(ones[..., :2], others[..., :2])
    np.maximum(size, 0.0, out=size)
    shared = size[..., 0] * size[..., 1]
    return np.asarray(shared / np.maximum(_areas(ones) + _areas(others) - shared, 1e-12))


def enlarged(boxes: Matrix, share: Matrix) -> Matrix:
    """Each box larger on every side, by this share of its size."""
    size = share * (boxes[..., 2:] - boxes[..., :2])
    return np.concatenate([boxes[..., :2] - size, boxes[..., 2:] + size], axis=-1)


def _area_ratio(ones: Matrix, others: Matrix) -> Matrix:
    one, other = _areas(ones), _areas(others)
    return np.asarray(np.minimum(one, other) / np.maximum(np.maximum(one, other), 1e-12))


def _areas(boxes: Matrix) -> Matrix:
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]))


def _table(boxes: Sequence[Box]) -> Matrix:
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=np.float64)
