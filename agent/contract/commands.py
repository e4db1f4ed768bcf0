"""What the ward may ask, and how a node answers."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field

from agent.contract.base import GapSpan, ManifestFile, Message, Part, Sha256, Utc, Words

MAX_COMMAND_BYTES = 64_000
Ulid = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$")]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Refusal(str, Enum):
    """Why a command was refused."""

    BAD_JSON = "bad_json"
    SCHEMA = "schema"
    TOO_LARGE = "too_large"
    EXPIRED = "expired"
    REPLAYED = "replayed"
    RETAINED = "retained"
    UNAUTHORISED = "unauthorised"
    RATE_LIMITED = "rate_limited"
    UNKNOWN_COMMAND = "unknown_command"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    NOT_CAPABLE = "not_capable"


class Officer(Part):
    """On whose behalf; goes into the access log."""

    officer: Annotated[str, Field(min_length=1, max_length=100)]
    case: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CommandMessage(Message):
    """What every command has; enough for a command without arguments, as `rebirth`."""

    schema_: Literal["command/1"] = Field(default="command/1", alias="schema")
    request_id: Ulid
    issued_utc: Utc
    expires_in_s: Annotated[float, Field(gt=0, le=86_400)]
    by: Officer | None = None


class ClipRequest(CommandMessage):
    """A stretch of footage, please. `by` is required because footage moves."""

    by: Officer
    cam: Id
    from_utc: Utc
    to_utc: Utc
    stream: Literal["main"] = "main"
    max_mb: Annotated[float, Field(gt=0, le=10_000)] | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = 50


class ResponseMessage(Message):
    """The answer to one command."""

    schema_: Literal["response/1"] = Field(default="response/1", alias="schema")
    request_id: str
    command: str
    result: Literal["accepted", "rejected", "done"]
    code: Refusal | None = None
    text: Words | None = None
    job_id: str | None = None


class TimeRange(Part):
    """From and to."""

    from_utc: Utc
    to_utc: Utc


class JobFile(Part):
    """One file that a job delivered."""

    name: str
    url: str | None = None
    sha256: Sha256
    bytes: int
    from_utc: Utc
    to_utc: Utc
    manifest: ManifestFile | None = None  # what proves it


class JobMessage(Message):
    """How far a longer task is."""

    schema_: Literal["job/1"] = Field(default="job/1", alias="schema")
    job_id: str
    request_id: str
    kind: Literal["clip"]
    state: Literal["planned", "waiting", "uploading", "done", "failed", "cancelled"]
    cam: str | None = None
    range: TimeRange | None = None
    coverage_s: float | None = None
    gaps: tuple[GapSpan, ...] = ()
    bytes_total: int | None = None
    bytes_sent: int | None = None
    files: tuple[JobFile, ...] = ()
    error: Words | None = None
    reason: Words | None = None  # why it waits
    until_utc: Utc | None = None  # and until when, as far as that is known


class ServerState(Part):
    """Is the ward's consumer online; its time is a sanity check and never a clock."""

    state: Literal["online", "stopped", "offline"]
    sent_utc: Utc | None = None
