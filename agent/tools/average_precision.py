"""Average precision as the field computes it: all-point interpolation of PASCAL VOC 2010 and later, one class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agent.values import Box

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """One box that a detector claims in one frame."""

    frame: int
    box: Box
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision and recall if only the claims of at least each `score` stood; (n,) each, best score first.

    `hits`: 1.0 where the claim found a true box that no better claim had.
    """

    scores: Numbers = field(repr=False)
    precision: Numbers = field(repr=False)
    recall: Numbers = field(repr=False)
    hits: Numbers = field(repr=False)

    @property
    def area(self) -> float:
        """Average precision, 0..1: precision here is the best that this recall or more can have."""
        if not len(self.hits):
            return 0.0
        envelope = np.maximum.accumulate(self.precision[::-1])[::-1]
        found = np.diff(self.recall, prepend=0.0)
        return float(np.sum(envelope * found))


def precision_recall(claims: Sequence[Scored], truth: Mapping[int, Sequence[Box]], iou: float = 0.5) -> Curve:
    """Claims are taken best first; each true box answers to one claim, the one that overlaps it most.

    Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", IJCV 2015, section 2.2.
    """
    total = sum(len(boxes) for boxes in truth.values())
    taken = {frame: [False] * len(boxes) for frame, boxes in truth.items()}
    ranked = sorted(claims, key=lambda each: -each.score)
    hits = np.zeros(len(ranked))
    for rank, claim in enumerate(ranked):
        overlaps = [claim.box.iou(box) for box in truth.get(claim.frame, ())]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= iou and not taken[claim.frame][best]:
            taken[claim.frame][best] = True
            hits[rank] = 1.0
    found = np.cumsum(hits)
    scores = np.array([claim.score for claim in ranked])
    return Curve(scores, found / np.arange(1, len(ranked) + 1), found / max(total, 1), hits)


def average_precision(claims: Sequence[Scored], truth: Mapping[int, Sequence[Box]], iou: float = 0.5) -> float:
    """0..1; 0 without any truth or claim."""
    return precision_recall(claims, truth, iou).area
