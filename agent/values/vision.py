"""What vision finds in frames and over time."""

from dataclasses import dataclass

from agent.clock import Moment
from agent.values.geometry import Box, Point


@dataclass(frozen=True, slots=True)
class Motion:
    """What moved in one frame: boxes around moving regions, largest first, and the share of the picture they cover."""

    boxes: tuple[Box, ...]
    share: float
    ready: bool = True  # False while the background is still being learnt
    stirred: bool = False  # something differs that may be motion; `boxes` are sure of it only with the next frame


@dataclass(frozen=True, slots=True)
class Detection:
    """One object seen by the model in one frame. `label` is a COCO class name; `score` 0..1."""

    box: Box
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Track:
    """One object over time, as of one frame."""

    id: int
    label: str
    score: float
    box: Box
    first: Moment
    last_seen: Moment
    age_s: float
    travel: float  # length of its way so far, in picture heights
    path: tuple[Point, ...] = ()  # foot points, oldest first, bounded
    confirmed: bool = True
