"""What the local page asks of the node: a few frozen views and one callable per question, handed in by `app.py`.

The page only reads. Every callable may be called from the page's own threads at any time, so each must be safe to call
beside the rest of the node, and none may raise for a thing that is merely not there: `None` or an empty tuple says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Language, Text
from agent.values import Frame, Motion, Point, Severity, Track


@dataclass(frozen=True, slots=True)
class Shape:
    """A zone (three points or more) or a line (two points) with its name."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class CameraView:
    """One camera as the configuration describes it."""

    id: str
    label: str
    zones: tuple[Shape, ...] = ()
    lines: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveView:
    """One analysed frame and what was found in exactly this frame."""

    frame: Frame
    tracks: tuple[Track, ...]
    motion: Motion


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One event in a sentence. `phase` is start, update or end; `clip_state` is the contract's `media.clip`."""

    id: str  # ULID
    cam: str
    text: Text
    severity: Severity
    started_utc: str  # ISO 8601
    phase: str
    has_thumb: bool = False
    clip_state: str = "none"  # none, recording, queued, uploaded, dropped


@dataclass(frozen=True, slots=True)
class PageFault:
    """An open fault in plain words, and what to do about it."""

    code: str
    text: Text
    hint: Text | None = None
    severity: Severity = Severity.ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """The doors of the page. `events` gives the newest first; `clip` may take seconds (it may have to cut one)."""

    cameras: Callable[[], tuple[CameraView, ...]]
    latest: Callable[[str], LiveView | None]  # by camera id
    events: Callable[[int], tuple[PageEvent, ...]]  # at most so many
    thumb: Callable[[str], bytes | None]  # by event id: a JPEG
    clip: Callable[[str], Path | None]  # by event id: an MP4 that plays
    health: Callable[[], str]  # the body of the contract's health message, JSON; a few seconds old at most
    faults: Callable[[], tuple[PageFault, ...]]
    title: str = ""  # the node's label or id
    language: Language = "vi"  # what the page opens with; the reader can switch
