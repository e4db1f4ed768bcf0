"""What the setup page asks of the node: frozen values, and one callable per question, handed in by the app.

Every callable may be called from the page's own threads. None may raise for a thing that is merely not there; where the
disk or the node fails they raise AgentError.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from agent.i18n import Language, Text
from agent.installer.doors import LiveView
from agent.installer.web.noted import Noted

Level = Literal["good", "mind", "broken", "unknown"]
Json = Any  # what json.loads gives


@dataclass(frozen=True, slots=True)
class NodeView:
    """Who this node is."""

    id: str
    ward: str
    label: str
    version: str
    language: Language
    timezone: str
    model: str | None = None  # the family of the model that runs; None: only motion is seen


@dataclass(frozen=True, slots=True)
class CameraNow:
    """One camera as it is now. Sizes are of the analysed picture, None before the first."""

    id: str
    label: str
    kind: str
    state: str  # starting, ok, lost, ended
    may_mask: bool
    width: int | None = None
    height: int | None = None
    reference_utc: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the ward. `rssi_dbm` is None on a cable."""

    connected: bool
    iface: str = ""
    rssi_dbm: int | None = None


@dataclass(frozen=True, slots=True)
class LensTold:
    """What the installer knows of the lens: how wide it sees, or its focal length and N of its 1/N inch sensor."""

    fov_deg: float | None = None
    lens_mm: float | None = None
    sensor: float = 2.8


@dataclass(frozen=True, slots=True)
class Sight:
    """What a lens makes of a picture: `focal_px`, and up to how many metres people are found; None: no promise."""

    focal_px: float
    fov_deg: float
    person_m: float
    day: float | None = None
    night: float | None = None
    dusk: float | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What runs, as far as the page may change it: one mapping per camera, as people write it in the file."""

    hash: str
    source: str
    trial: bool
    cameras: Json


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake; `steps` lead to it from the top of the configuration."""

    path: str
    steps: tuple[str | int, ...]
    text: Text
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the node thinks of a change."""

    same: bool = False
    mistakes: tuple[Wrong, ...] = ()
    remarks: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """How far the last save is. `state`: none, trying, kept, undone."""

    state: str = "none"
    job: str | None = None
    left_s: float | None = None
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A save was taken: the node begins again with it, for at most `window_s` on trial. `job` None: nothing differs."""

    job: str | None
    window_s: float


@dataclass(frozen=True, slots=True)
class TestSent:
    """How far a test event is. `state`: none, sent, back, offline."""

    __test__ = False  # pytest takes the name for a test

    state: str = "none"
    id: str | None = None
    ms: float | None = None  # until the broker acknowledged it
    reads: bool | None = None  # the ward's consumer is there, as it last said; None: it never said a word


@dataclass(frozen=True, slots=True)
class Photo:
    """A reference photo that was kept."""

    at_utc: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the checks."""

    name: str
    level: Level
    text: Text
    remedy: Text | None = None
    title: Text | None = None  # None: its name


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupDoors:
    """`latest` is asked only while somebody looks; the node copies no picture for the page otherwise."""

    node: Callable[[], NodeView]
    cameras: Callable[[], tuple[CameraNow, ...]]
    latest: Callable[[str], LiveView | None]
    line: Callable[[], Line]
    sight: Callable[[LensTold, int, int], Sight]  # for a picture so wide and high
    labels: Callable[[], tuple[str, ...]]  # what the model can tell apart; empty: those of COCO, or no model
    drawn: Callable[[], Drawn]
    check: Callable[[Json], Judgement]
    save: Callable[[Json], Begun]  # after a check without mistakes; raises Hindered
    saved: Callable[[], Saved]
    test: Callable[[str], str]  # by camera: the id of the event
    tested: Callable[[], TestSent]
    keep_photo: Callable[[str, bytes], Photo]
    photo: Callable[[str], bytes | None]
    checks: Callable[[], tuple[Check, ...] | None]
    note: Callable[[Noted], None]
    now_s: Callable[[], float]  # monotonic


class Hindered(Exception):
    """A save cannot be taken just now. `code`: busy or changed."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
