"""A task that goes on after its command was answered."""

from typing import Literal

from pydantic import Field

from agent.contract.base import GapSpan, ManifestFile, Message, Part, Sha256, Utc, Words


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
    kind: Literal["clip", "snapshot", "live", "config"]
    state: Literal["planned", "waiting", "uploading", "done", "failed", "cancelled"]
    cam: str | None = None
    range: TimeRange | None = None
    coverage_s: float | None = None
    gaps: tuple[GapSpan, ...] = ()
    bytes_total: int | None = None
    bytes_sent: int | None = None
    eta_s: float | None = None  # at the present rate
    files: tuple[JobFile, ...] = ()
    error: Words | None = None
    reason: Words | None = None  # why it waits
    until_utc: Utc | None = None  # and until when, as far as that is known
