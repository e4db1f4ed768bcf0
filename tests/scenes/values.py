"""What a scene is and what is true in it. Times are seconds from the first frame, places 0..1 of the picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.values import Box, ChangeKind, ViewState

FPS, WIDTH, HEIGHT = 10, 640, 360


@dataclass(frozen=True, slots=True)
class Way:
    """Where an actor's foot (the middle of its lower edge) is at one time; straight and even between two of them."""

    at_s: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Actor:
    """One thing that is put into the picture from its first to its last waypoint."""

    id: str
    look: str  # a name of looks.LOOKS: person-…, car-…, bag …
    way: tuple[Way, ...]
    size: float = 1.0  # beside what the perspective of the plate gives it
    towards: int = 0  # -1 faces left, 1 right, 0 as its way goes


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What else happens to the picture, from `from_s` to `to_s`; a kind of disturb.KINDS."""

    kind: str = "none"
    from_s: float = 0.0
    to_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class ViewSpan:
    """The camera cannot see what it should: what a view check must say in the meantime."""

    state: ViewState
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class TrueChange:
    """Something appeared (or vanished) at `from_s` and stayed so until `to_s`."""

    kind: ChangeKind
    box: Box
    from_s: float
    to_s: float
    actor: str


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """One event that a rule of `Scene.camera` must find.

    What it is about begins at `began_s` (somebody enters, a car comes to stand); with the rule's `after` over, its
    condition is met at `from_s`; it ends at `to_s`, or with the scene.
    """

    rule: str
    began_s: float
    from_s: float
    to_s: float
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene; the same value always gives the same pictures."""

    name: str
    group: str  # motion, quiet, tamper, benign, rules
    seed: int
    seconds: float
    plate: str = "yard"  # a name of plates.PLATES
    light: str = "day"  # day, night (infrared: grey)
    actors: tuple[Actor, ...] = ()
    disturbance: Disturbance = Disturbance()
    view: tuple[ViewSpan, ...] = ()
    events: tuple[TrueEvent, ...] = ()
    camera: Mapping[str, Any] = field(default_factory=dict, hash=False)  # zones, lines, rules of a CameraSection
    fps: int = FPS
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def frames(self) -> int:
        """How many pictures it has."""
        return round(self.seconds * self.fps)


@dataclass(frozen=True, slots=True)
class TrueBox:
    """One actor in one frame."""

    actor: str
    label: str  # COCO class name; "object" when COCO has none
    box: Box  # of the whole actor cut at the picture's edge, also where another hides it
    visible: float  # share of the actor that can be seen, 0..1
    moving: bool


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """What is true in one frame."""

    index: int
    at_s: float
    boxes: tuple[TrueBox, ...]
    moving: bool  # some actor moves and can be seen: motion that a detector must find


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is true in a scene."""

    frames: tuple[FrameTruth, ...] = field(repr=False)
    changes: tuple[TrueChange, ...]
    view: tuple[ViewSpan, ...]
    events: tuple[TrueEvent, ...]
