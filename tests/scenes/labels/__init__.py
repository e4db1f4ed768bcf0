"""Real clips, labelled by eye: when something moves, when nothing does, and which vehicles pass.

Times are seconds of the clip. The files say who labelled how, and how exact it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from tests.scenes import sources


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of a clip."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Passing:
    """One vehicle that passes: when it comes into view, and when it passes the line of its lane."""

    label: str
    lane: str  # begins with the name of its line
    direction: str  # away from the camera, towards it, up or down the picture
    enters_s: float | None  # None: in view at the start, or too far away to tell
    crosses_s: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What one file says."""

    clip: str
    by: str
    exact_s: float
    seconds: float
    fps: float
    moving: tuple[Interval, ...]  # something of interest moves
    unsure: tuple[Interval, ...] = ()  # nobody can say: far away, half out of the picture, only its shadow
    passings: tuple[Passing, ...] = ()
    lines: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = field(default_factory=dict)  # 0..1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """A real clip that is here, with its labels."""

    name: str
    path: Path
    labels: Labels

    @property
    def still(self) -> tuple[Interval, ...]:
        """Where nothing moves, for sure."""
        busy = sorted((*self.labels.moving, *self.labels.unsure), key=lambda each: each.from_s)
        still, at_s = [], 0.0
        for each in (*busy, Interval(self.labels.seconds, self.labels.seconds)):
            if each.from_s > at_s:
                still.append(Interval(at_s, each.from_s))
            at_s = max(at_s, each.to_s)
        return tuple(still)


def labels(name: str) -> Labels:
    """The labels of a clip of `sources.CLIPS`."""
    path = Path(__file__).parent / f"{name}.json"
    return TypeAdapter(Labels).validate_json(path.read_bytes())


def clips() -> tuple[Clip, ...]:
    """The labelled clips that are here."""
    here = ((name, sources.find(name)) for name in sources.CLIPS)
    return tuple(Clip(name, path, labels(name)) for name, path in here if path is not None)
