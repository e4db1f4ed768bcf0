"""What a message tells, as it goes into the database. Times are aware datetimes in UTC, durations seconds.

A field that the message left out is None.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Who said it, and when: the envelope, and how it came here."""

    node: str
    seq: int | None
    boot_id: str
    sent_at: datetime
    clock_trusted: bool
    received_at: datetime
    retained: bool  # kept by the broker, so `received_at` tells nothing

    @property
    def seen_at(self) -> datetime:
        """When the node was alive, as well as can be known: never later than now."""
        if self.clock_trusted or self.retained:
            return min(self.sent_at, self.received_at)
        return self.received_at


@dataclass(frozen=True, slots=True)
class Clip:
    """Where an event's footage is."""

    state: str
    url: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    reason: str | None = None
    manifest_url: str | None = None
    manifest_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One participant of an event; `box` is left, top, right, bottom in 0..1."""

    track: int
    label: str
    score: float
    box: tuple[float, ...]
    dwell_s: float
    role: str


@dataclass(frozen=True, slots=True)
class Event:
    """One revision of what a rule found; `body` is the whole message as JSON text."""

    sender: Sender
    id: str
    made_at: datetime
    rev: int
    phase: str
    rule: str
    rule_id: str
    severity: str
    cam: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    count: int
    zone: str | None
    direction: str | None
    clip: Clip
    objects: tuple[Seen, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Thumb:
    """The picture of an event. It has no envelope."""

    node: str
    cam: str
    event_id: str
    made_at: datetime
    received_at: datetime
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time that a camera's footage lacks."""

    from_at: datetime
    to_at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One camera of a health message. `recorded_s` and `expected_s` count from the start of the process."""

    id: str
    state: str
    cause: str | None
    view: str | None
    fps: float
    recorded_s: float | None
    expected_s: float | None
    gap_s: float | None
    footage_oldest_at: datetime | None
    footage_bytes: int | None
    chain_link: str | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """How a node is."""

    sender: Sender
    at: datetime
    uptime_s: float
    rss_mb: float
    cpu_pct: float
    temp_c: float | None
    disk_free_mb: float | None
    rtt_ms: float | None
    reconnects: int | None
    spool_messages: int
    spool_oldest_s: float
    spool_clips: int
    dropped_total: int
    faults: tuple[str, ...]
    cams: tuple[CameraHealth, ...]


@dataclass(frozen=True, slots=True)
class Birth:
    """Who and what a node is. `cameras` is JSON text."""

    sender: Sender
    ward: str
    session: str
    label: str
    agent_version: str
    config_hash: str
    insecure: bool
    timezone: str | None
    latitude: float | None
    longitude: float | None
    cameras: str
    capabilities: tuple[str, ...]
    key_fingerprint: str | None
    public_key: str | None


@dataclass(frozen=True, slots=True)
class Availability:
    """One session began (`online`) or ended (`stopped`, or `offline` by the Will)."""

    sender: Sender
    session: str
    state: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One open fault."""

    sender: Sender
    code: str
    severity: str
    since: datetime
    sources: tuple[str, ...]
    text_vi: str
    text_en: str
    remedy_vi: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """An empty message: the fault is over."""

    node: str
    code: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file that a job delivered."""

    name: str
    url: str | None
    sha256: str
    bytes: int
    from_at: datetime
    to_at: datetime
    manifest_url: str | None
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """How far a longer task is."""

    sender: Sender
    job_id: str
    request_id: str
    kind: str
    state: str
    cam: str | None
    from_at: datetime | None
    to_at: datetime | None
    coverage_s: float | None
    bytes_total: int | None
    bytes_sent: int | None
    error_vi: str | None
    error_en: str | None
    reason_vi: str | None
    reason_en: str | None
    until_at: datetime | None
    files: tuple[JobFile, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asked of a node."""

    node: str
    request_id: str
    command: str
    issued_at: datetime
    received_at: datetime
    officer: str | None
    case: str | None
    reason: str | None
    cam: str | None
    from_at: datetime | None
    to_at: datetime | None
    until_at: datetime | None
    target: str | None  # the job or hold that it is about


@dataclass(frozen=True, slots=True)
class Response:
    """A node's answer; `answer` is JSON text."""

    sender: Sender
    request_id: str
    command: str
    result: str
    code: str | None
    text_vi: str | None
    text_en: str | None
    job_id: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that could not be taken, and what is kept of it."""

    received_at: datetime
    topic: str
    why: str
    text_vi: str
    text_en: str
    bytes: int
    sha256: str
    excerpt: str


Message = Event | Thumb | Health | Birth | Availability | Fault | FaultCleared | Job | Command | Response | Refused
