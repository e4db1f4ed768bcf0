"""What rules find, and its life."""

from dataclasses import dataclass
from enum import Enum

from agent.clock import Moment
from agent.values.geometry import Box, Point


class Severity(str, Enum):
    """How much an event matters to the ward."""

    INFO = "info"
    WARNING = "warning"
    ALERT = "alert"


class Phase(str, Enum):
    """Where in its life an event is."""

    START = "start"
    UPDATE = "update"
    END = "end"


class EndReason(str, Enum):
    """Why an event ended."""

    OVER = "over"
    RESTART = "restart"
    CAMERA_LOST = "camera_lost"
    CONFIG_CHANGED = "config_changed"
    PAUSED = "paused"


class Role(str, Enum):
    """What a participant is to an event."""

    OBJECT = "object"  # what the event is about
    NEAR = "near"  # was near when it happened: a witness or the culprit


@dataclass(frozen=True, slots=True)
class EventObject:
    """One participant of an event, as the ward reads it."""

    track: int  # 0: no track, only a lasting change of the scene
    label: str  # COCO class name; `object` where nobody knows what it is
    score: float
    box: Box
    dwell_s: float = 0.0
    heading_deg: float | None = None  # 0 up, 90 right, as on a compass laid on the picture
    path: tuple[Point, ...] = ()
    role: Role = Role.OBJECT


@dataclass(frozen=True, slots=True)
class Event:
    """What a rule found. The same `id` comes again: start, updates, end. The outbox numbers the revisions."""

    id: str  # ULID
    phase: Phase
    rule: str
    rule_id: str
    severity: Severity
    cam: str
    started: Moment
    at: Moment  # the frame that caused this revision
    ended: Moment | None = None
    end_reason: EndReason | None = None
    objects: tuple[EventObject, ...] = ()
    count: int = 0
    zone: str | None = None
    direction: str | None = None  # line_crossing: `in` or `out`
    clip: bool = True  # the rule wants footage of it
