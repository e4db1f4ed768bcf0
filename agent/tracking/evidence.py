"""What motion adds to a detection: a box in which just that moves is more likely somebody than the model alone thinks.

The model judges one picture and does not know what moves. A moving region of the same place and size was found without
it: two signs that agree. The odds of the score are multiplied (Bayes), so what is sure stays nearly as it is. Vehicles
that a model hardly knows in a poor picture, and who is small, are so followed from the first.
"""

from collections.abc import Sequence
from dataclasses import replace

from agent.values import Detection, Motion

AGREES = 0.5  # intersection over union with one moving region
ODDS = 2.5  # a score of 0.21 becomes 0.4, one of 0.4 becomes 0.62


def weighed(detections: Sequence[Detection], motion: Motion) -> Sequence[Detection]:
    """`detections`, with the score of those raised that are a moving region themselves."""
    if not motion.ready or not motion.boxes:
        return detections
    return [
        _raised(each) if any(each.box.iou(other) >= AGREES for other in motion.boxes) else each for each in detections
    ]


def _raised(detection: Detection) -> Detection:
    odds = ODDS * detection.score
    return replace(detection, score=odds / (1.0 - detection.score + odds))
