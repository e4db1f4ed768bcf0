"""Average precision as the field computes it: all-point interpolation of PASCAL VOC 2010 and later, one class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.values import Box


@dataclass(frozen=True, slots=True)
class Scored:
    """One box that a detector claims in one frame."""

    frame: int
    box: Box
    score: float


def average_precision(claims: Sequence[Scored], truth: Mapping[int, Sequence[Box]], iou: float = 0.5) -> float:
    """0..1. Claims are taken best first; each true box answers to one claim, the one that overlaps it most.

    Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", IJCV 2015, section 2.2.
    """
    total = sum(len(boxes) for boxes in truth.values())
    if total == 0 or not claims:
        return 0.0
    taken = {frame: [False] * len(boxes) for frame, boxes in truth.items()}
    hits = np.zeros(len(claims))
    for rank, claim in enumerate(sorted(claims, key=lambda each: -each.score)):
        overlaps = [claim.box.iou(box) for box in truth.get(claim.frame, ())]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= iou and not taken[claim.frame][best]:
            taken[claim.frame][best] = True
            hits[rank] = 1.0
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(claims) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(precision * hits) / total)
