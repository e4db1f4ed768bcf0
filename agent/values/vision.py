"""What vision finds in frames and over time."""

from dataclasses import dataclass
from enum import Enum

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
    stood_before_s: float = 0.0  # it stood here for so long before it was lost from sight, or the agent restarted


class ViewState(str, Enum):
    """Can the camera see what it was hung up to see?"""

    OK = "ok"
    COVERED = "covered"
    MOVED = "moved"
    BLURRED = "blurred"
    DARK = "dark"
    BLINDED = "blinded"


@dataclass(frozen=True, slots=True)
class View:
    """How the view is, and since when it has been so."""

    state: ViewState = ViewState.OK
    since: Moment | None = None  # None: from the first frame on


class ChangeKind(str, Enum):
    """What a lasting change of the scene is."""

    APPEARED = "appeared"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class StaticChange:
    """Something that appeared or vanished and stayed so. The same `id` comes again in each frame while it lasts."""

    id: int
    kind: ChangeKind
    box: Box
    since: Moment  # when it came to stand, or was last there
    stood_s: float  # for how long it has been so
    label: str | None = None  # of the track that stands (or stood) there; None: nobody knows what it is
    track: int | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame tells the rules."""

    at: Moment
    tracks: tuple[Track, ...] = ()
    changes: tuple[StaticChange, ...] = ()
    view: View = View()
