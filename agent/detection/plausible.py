"""Boxes as large as the picture are mostly the model's guess at a whole street: they need motion to be believed.

A model that knows no answer often gives one box around everything, and calls it a train, a bus or a car. Such a box
would swallow everybody in it. What truly fills the picture is close by: when it comes, most of the picture moves.
"""

from agent.values import Detection, Motion

SPANS = 0.8  # of the picture's width and of its height
MOVES = 0.35  # of the box, within one frame: a guess at a street with traffic 0.2 at most, a passing bus 0.5 and more


def plausible(detections: tuple[Detection, ...], motion: Motion) -> tuple[Detection, ...]:
    """`detections` without those that span the picture in both directions while most of it is still."""
    return tuple(each for each in detections if not _spans(each) or _moves(each, motion))


def _spans(detection: Detection) -> bool:
    return detection.box.width >= SPANS and detection.box.height >= SPANS


def _moves(detection: Detection, motion: Motion) -> bool:
    if not motion.ready:
        return False  # nobody knows yet: whoever stands there before the first picture is no news either
    box = detection.box
    return sum(box.overlap(other) for other in motion.boxes) >= MOVES * box.area
