"""Vehicles that stand, as they are remembered while nobody sees them, also over a restart."""

from dataclasses import dataclass, field

from agent.clock import Moment
from agent.values.geometry import Box


@dataclass(frozen=True, slots=True)
class Parked:
    """One vehicle that stands: enough to know it again, by its place and its look."""

    id: int
    label: str
    score: float
    box: Box
    age_s: float  # since it was first seen
    stood_s: float  # for how long it has stood here
    travel: float
    seen: Moment  # when it was last known to be there
    look: bytes = field(repr=False)  # a small picture of it, see agent/tracking/look.py


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a camera's tracker knows beyond a restart: numbers below `next_id` have been given."""

    next_id: int = 1
    parked: tuple[Parked, ...] = ()
