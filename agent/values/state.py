"""What the rooms tell health about themselves: snapshots, taken when health asks."""

from dataclasses import dataclass
from typing import Literal

from agent.values.media import Gap, Seal


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with a camera, and when (monotonic)."""

    code: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera, as capture and vision see it. Counters grow from the start of the process."""

    id: str
    state: str = "starting"  # starting, ok, lost, ended
    encoder: str = ""  # passthrough, libx264, …
    codec: str = ""
    width: int = 0
    height: int = 0
    frame_age_s: float | None = None
    fps: float = 0.0
    analysed_fps: float = 0.0
    frames: int = 0
    analysed: int = 0
    dropped: int = 0
    decode_errors: int = 0
    encode_skipped: int = 0  # pictures left out to stay within the CPU budget
    runs: int = 0
    inference_ms: float | None = None
    inferences: int | None = None
    inferences_refused: int | None = None  # over the budget
    vision: str = "objects"  # objects or motion_only
    view: str | None = None  # ok, covered, moved, blurred, dark, blinded; None before the first analysed frame
    cause: str | None = None  # why it is not ok now
    format_changes: int = 0  # of the main stream, after the first
    time_jumps: int = 0
    watched: bool = False  # by the ward, now


@dataclass(frozen=True, slots=True)
class Evicted:
    """Segments that were removed, by why they could go; since the index was begun."""

    delivered: int = 0
    unwanted: int = 0
    pending: int = 0  # a clip waited for them: a loss
    too_old: int = 0
    not_kept: int = 0  # `footage.mode: events`: they were in memory only


@dataclass(frozen=True, slots=True)
class FootageState:
    """One camera's footage on disk."""

    cam: str
    recorded_s: float = 0.0
    expected_s: float = 0.0  # since the start
    gap_s: float = 0.0
    gaps: tuple[Gap, ...] = ()  # the newest; the last may still be open
    oldest_ns: int | None = None
    bytes: int = 0
    memory_bytes: int | None = None  # of the ring in memory, where there is one
    dropped_packets: int = 0
    evicted: Evicted = Evicted()
    head: Seal | None = None  # of its chain


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    """How many messages of one priority wait."""

    priority: int
    messages: int


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What waits for the ward."""

    messages: int = 0
    oldest_age_s: float = 0.0
    clips: int = 0
    wanted: int = 0  # clips that are not cut yet: their footage waits in the ring
    bytes: int = 0
    dropped_messages: int = 0
    dropped_clips: int = 0
    set_aside: int = 0  # damaged databases replaced since installation
    waiting: tuple[WaitingMessages, ...] = ()


Waiting = Literal["quiet_hours", "day_spent"]  # why clips wait though the ward could take them


@dataclass(frozen=True, slots=True)
class Rest:
    """Clips wait."""

    why: Waiting
    until_ns: int | None = None  # wall clock; None while the clock is not trusted


@dataclass(frozen=True, slots=True)
class LineBudget:
    """What the household leaves to the node of its line, and what the node has taken."""

    kbps: int | None = None  # clips may take so much now; None: no limit
    mb_today: float = 0.0  # messages and clips
    quiet: bool = False  # the quiet hours are on
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class ServerSeen:
    """What the ward's consumer last said of itself."""

    state: Literal["online", "stopped", "offline"]
    heard_s: float  # seconds since
    differs_s: float | None = None  # its clock less ours; None: it told no time just then, or ours is not set


@dataclass(frozen=True, slots=True)
class LinkState:
    """The line to the ward."""

    connected: bool = False
    protocol: str = ""
    reconnects: int = 0
    rtt_ms: float | None = None
    uplink_kbps: float | None = None
    uploaded_bytes: int = 0
    unheard: int = 0  # messages that the broker took and nobody had subscribed to
    budget: LineBudget = LineBudget()
    server: ServerSeen | None = None


@dataclass(frozen=True, slots=True)
class CertificateState:
    """The node's own certificate, and how its renewal goes. Times are Unix nanoseconds."""

    not_before_ns: int
    not_after_ns: int
    renewal: Literal["off", "ok", "failed"] = "off"
