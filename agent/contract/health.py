"""The health message, every minute. A field that the board cannot tell is left out, never guessed."""

from typing import Literal

from pydantic import Field

from agent.contract.base import GapSpan, Message, Part, Sha256, Utc, Words


class AgentHealth(Part):
    """The process."""

    uptime_s: float
    rss_mb: float
    cpu_pct: float
    restarts: int  # of workers, since the start
    threads: int | None = None
    budget_factor: float | None = None  # share of `detection.inferences_per_s` that heat and load leave


class BoardHealth(Part):
    """The machine."""

    model: str | None = None
    cpu_pct: float | None = None
    load: float | None = None
    mem_free_mb: float | None = None
    temp_c: float | None = None
    throttled: str | None = None  # in plain words
    undervoltage: bool | None = None


class DiskHealth(Part):
    """The disk that holds the data directory."""

    free_mb: float
    inodes_free_pct: float | None = None
    written_mb_day: float | None = None
    readonly: bool = False
    wear_pct: float | None = None


class ServerHealth(Part):
    """The ward's consumer, as it says on `server/state`. Absent: it never said a word."""

    state: Literal["online", "stopped", "offline"]
    heard_s: float  # seconds since
    differs_s: float | None = None  # its clock less this node's, when it last told the time


class NetHealth(Part):
    """The line to the ward."""

    connected: bool | None = None
    protocol: str | None = None
    iface: str | None = None
    ssid_hash: str | None = None
    rssi_dbm: int | None = None
    rtt_ms: float | None = None
    uplink_kbps: float | None = None
    uploaded_mb: float | None = None
    reconnects: int = 0
    unheard: int = 0  # messages that the broker took (MQTT 5: PUBACK 16) while nobody had subscribed: they are gone
    server: ServerHealth | None = None


class BudgetHealth(Part):
    """What the household leaves to the node of its line (`uplink`)."""

    kbps: int | None = None  # kilobits per second that clips may take now; absent: no limit
    mb_today: float = 0.0  # megabytes sent today, messages and clips
    quiet: bool = False  # the quiet hours are on
    waiting: Literal["quiet_hours", "day_spent"] | None = None  # why no clip leaves now


class SpoolHealth(Part):
    """What waits for the ward, and what was lost."""

    messages: int
    oldest_age_s: float
    clips: int
    clips_wanted: int = 0  # not cut yet: their footage waits in the ring until the line carries them
    bytes: int
    dropped_messages: int = 0
    dropped_clips: int = 0
    dropped_total: int = 0
    set_aside: int = 0  # damaged databases replaced since installation
    by_priority: dict[str, int] | None = None  # messages waiting


class EvictedHealth(Part):
    """Segments of footage that were removed, by why they could go, since the index was begun."""

    delivered: int = 0  # the ward has them
    unwanted: int = 0
    pending: int = 0  # a clip waited for them: lost
    too_old: int = 0  # `retention.max_days`
    not_kept: int = 0  # `footage.mode: events`: they were in memory only, and nothing wanted them


class ChainHealth(Part):
    """The newest link of a camera's chain of footage: whoever keeps these can tell when footage was taken away."""

    epoch: str
    seq: int
    link: Sha256


class CameraHealth(Part):
    """One camera. Since the start `expected_s` is `recorded_s` + `gap_s` and up to two seconds in flight."""

    id: str
    state: Literal["starting", "ok", "lost", "ended"]
    cause: str | None = None  # why it is not ok: the code of a fault
    vision: Literal["objects", "motion_only"] = "objects"
    view: Literal["ok", "dark", "blurred", "moved", "covered", "blinded"] | None = None  # while vision gets frames
    watched: bool = False  # its picture of now is pushed to the ward's media server
    frame_age_s: float | None = None
    fps: float = 0.0
    analysed_fps: float = 0.0
    inference_ms: float | None = None
    inferences: int | None = None  # since the start
    inferences_refused: int | None = None  # worth making, but over `detection.inferences_per_s`
    frames: int = 0
    analysed: int = 0
    dropped: int = 0
    decode_errors: int = 0
    encode_skipped: int = 0  # pictures left out to stay within `encode_cpu`
    runs: int = 0
    codec: str | None = None
    encoder: str | None = None
    width: int | None = None
    height: int | None = None
    recorded_s: float | None = None
    expected_s: float | None = None
    gap_s: float | None = None
    gaps: tuple[GapSpan, ...] = ()  # the newest twenty, oldest first; one that goes on ends now
    format_changes: int = 0  # picture size or codec, since the start
    time_jumps: int = 0  # of the camera's time stamps
    certificate_checked: bool | None = None  # rtsps:// only
    footage_oldest_utc: Utc | None = None
    footage_bytes: int | None = None
    footage_memory_bytes: int | None = None  # of the ring in memory (`footage.mode: events`)
    chain: ChainHealth | None = None
    evicted: EvictedHealth | None = None


class EvidenceHealth(Part):
    """All chains of the node as one value."""

    chain_head: Sha256  # sha256 of one line "ID EPOCH SEQ LINK" per camera, in the order of their ids, each ended by \n


class AccessHealth(Part):
    """The access log: kept by the ward, it tells when the log on the node was cut or made anew."""

    records: int
    head: Sha256


class CertificateHealth(Part):
    """The node's own certificate (`tls.cert`)."""

    expires_utc: Utc
    days_left: int | None = None  # whole days, negative when it is over; absent while the clock is not trusted
    renewal: Literal["off", "ok", "failed"] = "off"  # off: no `tls.renew`; failed: the last try


class CommandsHealth(Part):
    """What was said to this node since its start."""

    accepted: int = 0
    refused: int = 0  # in all
    unanswered: int = 0  # of the refused: more than would be answered within a minute
    by_code: dict[str, int] | None = None  # of the refused


class SetupHealth(Part):
    """The setup page is open: this node listens on the local network just now."""

    why: Literal["command", "first_boot", "identify"]
    closes_in_s: float
    port: int
    sessions: int = 0  # people who logged in since it was opened
    failed_logins: int = 0  # since it was opened, or the node began again


class UpdateHealth(Part):
    """Updates of the program. Absent: it was not installed so that it can be updated."""

    version: str  # that runs
    previous: str | None = None  # that is kept to go back to
    state: Literal["trying", "updated", "returned", "failed", "refused"] | None = None  # newest; absent: none yet
    wanted: str | None = None  # the version that it brought
    why: Words | None = None  # it was not kept
    at_utc: Utc | None = None


class PauseHealth(Part):
    """The household has stopped recording, as far as the ward's configuration allows."""

    until_utc: Utc
    left_s: int = Field(ge=0)


class HouseholdHealth(Part):
    """The household's page: this node listens on the local network for it."""

    port: int
    sessions: int = 0  # browsers that are logged in
    failed_logins: int = 0  # since it listens


class HealthMessage(Message):
    """How a node is."""

    schema_: Literal["health/1"] = Field(default="health/1", alias="schema")
    at_utc: Utc
    agent: AgentHealth
    board: BoardHealth = BoardHealth()
    disk: DiskHealth | None = None
    net: NetHealth = NetHealth()
    budget: BudgetHealth = BudgetHealth()
    spool: SpoolHealth
    evidence: EvidenceHealth | None = None  # absent: nothing is sealed yet
    access: AccessHealth | None = None  # absent: the log cannot be read
    certificate: CertificateHealth | None = None  # absent: none is configured, or it cannot be read
    commands: CommandsHealth | None = None
    update: UpdateHealth | None = None
    cams: tuple[CameraHealth, ...] = ()
    faults: tuple[str, ...] = ()  # codes that are open
    setup: SetupHealth | None = None  # absent: the setup page is closed
    household: HouseholdHealth | None = None  # absent: it has no such page, or no code for it
    paused: PauseHealth | None = None  # absent: it records
    insecure: bool = False  # the configuration allows plain text
