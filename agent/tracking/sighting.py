"""What one frame tells the tracker."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.clock import Moment
from agent.values import Box, Detection, Motion, Small


@dataclass(frozen=True, slots=True)
class Sighting:
    """The small picture, what the model found in it, the places where it searched, and what moves."""

    small: Small
    detections: Sequence[Detection]
    regions: Sequence[Box]
    motion: Motion

    @property
    def at(self) -> Moment:
        """The frame's time."""
        return self.small.at

    @property
    def aspect(self) -> float:
        """The picture's width / height."""
        return self.small.width / self.small.height

    def moves(self, box: Box) -> bool:
        """Does something move in a part of this place? While the background is still learnt nobody knows: yes."""
        return not self.motion.ready or any(box.overlap(other) > 0 for other in self.motion.boxes)

    def searched(self, box: Box, share: float) -> bool:
        """Did the model look at this share of the box, in one region?"""
        inside = box.clipped()
        return any(inside.overlap(region) >= share * inside.area for region in self.regions)
