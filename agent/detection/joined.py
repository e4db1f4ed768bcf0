"""One list from several regions: the same object seen in two crops counts once, and what an edge cut off yields."""

from collections.abc import Sequence

from agent.detection.rider import CYCLES
from agent.values import Box, Detection

EDGE = 0.015  # of the region's side: a box that ends this near the region's edge was probably cut off there
CUT_WORTH = 0.5  # of its score is what a cut box keeps
SAME_IOU = 0.6
ROW_IOU = 0.75  # of motorbikes and bicycles: parked in a row, neighbours share more than half
MOTORS = frozenset({"car", "truck", "bus", "train"})  # a van is called a car and a truck at once
TWICE_IOU = 0.8  # of two of these names: closer than two vehicles can be
MOST = 128  # detections looked at
INSIDE, ROW_INSIDE = 0.75, 0.9  # of a cut box that lies in a better one: a part of the same object


def joined(found: Sequence[tuple[Box, Sequence[Detection]]]) -> tuple[Detection, ...]:
    """`found` is each region with its detections; gives the detections of all, best first, each object once.

    Only the best MOST are compared with each other, and so at most so many come out, to whoever pairs or follows them
    next: a damaged model finds hundreds in every region, and the work grows with the square of their number. A crowd
    that a model can tell apart in pictures of its size is smaller.
    """
    marked = [
        (Detection(each.box, each.label, each.score * CUT_WORTH), True) if _cut(each.box, region) else (each, False)
        for region, detections in found
        for each in detections
    ]
    marked.sort(key=lambda pair: (-pair[0].score, pair[0].box.left, pair[0].box.top, pair[0].label))
    kept: list[Detection] = []
    for detection, cut in marked[:MOST]:
        if not any(_same(detection, other, cut) for other in kept):
            kept.append(detection)
    return tuple(kept)


def _same(detection: Detection, better: Detection, cut: bool) -> bool:
    if detection.label != better.label:
        return {detection.label, better.label} <= MOTORS and detection.box.iou(better.box) >= TWICE_IOU
    row = detection.label in CYCLES
    if detection.box.iou(better.box) >= (ROW_IOU if row else SAME_IOU):
        return True
    return cut and detection.box.overlap(better.box) >= (ROW_INSIDE if row else INSIDE) * detection.box.area


def _cut(box: Box, region: Box) -> bool:
    x, y = EDGE * region.width, EDGE * region.height
    return (
        (region.left > 0.0 and box.left < region.left + x)
        or (region.top > 0.0 and box.top < region.top + y)
        or (region.right < 1.0 and box.right > region.right - x)
        or (region.bottom < 1.0 and box.bottom > region.bottom - y)
    )
