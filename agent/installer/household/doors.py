"""What the household's page shows: frozen values, and the callables that the app hands in. No picture is among them.

The callables may be called from the page's own threads, and raise AgentError where the disk or the node fails.
Times that end in `_utc` are ISO 8601 in UTC. The fields are the names in the JSON of docs/design/household.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.i18n import Language, Text
from agent.installer.web.noted import Noted

Kind = Literal["events", "clips", "asked", "live", "reports"]
KINDS: tuple[Kind, ...] = ("events", "clips", "asked", "live", "reports")


@dataclass(frozen=True, slots=True)
class CameraLine:
    """One camera. `state`: starting, ok, lost, ended. `watched`: the ward looks at its live picture now."""

    label: str
    state: str
    watched: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """So many of a kind, and so many bytes over the line."""

    kind: Kind
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the node's time zone, as 2026-11-22."""

    date: str
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that was sent. `sure`: the clock could be trusted."""

    at_utc: str
    sure: bool
    kind: Kind
    camera: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LineUse:
    """What the node may take of the line, and takes. None, or 0 for `mb_per_day`: no limit."""

    connected: bool
    max_kbps: int | None
    now_kbps: int | None  # as far as clips may go just now
    measured_kbps: float | None
    mb_per_day: int
    mb_today: float
    quiet_hours: str | None
    quiet: bool
    yields: bool


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Somebody reached for footage. `given`: they got it."""

    at_utc: str
    sure: bool
    what: Text
    camera: str
    from_utc: str
    to_utc: str
    by: str
    case: str
    reason: str
    given: bool
    result: Text


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the footage on the device. `events_only`: only what an event needs is kept."""

    days: float
    oldest_utc: str | None
    events_only: bool
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the law wants to be told; None: nobody wrote it down."""

    purpose: str | None
    controller: str | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class PauseNow:
    """`longest_s` 0: the ward allows none. `until_utc` None: it is not paused."""

    longest_s: float
    left: int
    per_day: int
    until_utc: str | None = None
    left_s: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the page. `state`: records, paused, partly (a camera is missing), blind (all are), starting."""

    label: str
    node: str
    ward: str
    timezone: str
    now_utc: str
    state: str
    cameras: tuple[CameraLine, ...]
    days: tuple[Day, ...]  # the newest first
    newest: tuple[Thing, ...]
    line: LineUse
    asked: tuple[AskedFor, ...]  # the newest first
    kept: Kept
    told: Told
    pause: PauseNow


@dataclass(frozen=True, slots=True)
class HouseholdDoors:
    """`pause` and `resume` raise Rejected where the ward does not allow it."""

    language: Language
    home: Callable[[], Home]
    pause: Callable[[float], None]
    resume: Callable[[], None]
    note: Callable[[Noted], None]
