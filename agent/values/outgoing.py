"""What leaves the node: drafts on their way into the spool, and sealed messages and clips on their way out of it."""

from dataclasses import dataclass, field
from pathlib import Path

from agent.clock import Moment
from agent.values.media import Gap


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for the spool: `body` is a JSON object without its envelope, or a JPEG when `binary`."""

    topic: str
    body: bytes = field(repr=False)
    at: Moment  # what it tells of happened here
    priority: int = 10  # lower leaves first: 0 health and faults, 10 alerts, 20 events, 30 thumbnails, 40 the rest
    retain: bool = False
    binary: bool = False
    expiry_s: int | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A sealed message: publish it with QoS 1, then acknowledge `row` to the spool."""

    row: int
    topic: str
    payload: bytes = field(repr=False)
    retain: bool = False
    expiry_s: int | None = None


@dataclass(frozen=True, slots=True)
class LostClip:
    """A clip that will never leave, and why: `budget`, `missing`, `changed`, `no footage`, or the server's words."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutgoingClip:
    """A clip in the spool and how far its upload is."""

    id: str
    cam: str
    path: Path
    start_ns: int
    end_ns: int
    bytes: int
    sha256: str
    gaps: tuple[Gap, ...] = ()
    upload_url: str | None = None
    sent_bytes: int = 0
    attempts: int = 0  # tries without progress
    manifest: Path | None = None  # what proves it; leaves first
    manifest_url: str | None = None  # where it is at the server
    manifest_sha256: str | None = None
    parent: str | None = None  # this is not a clip but the manifest of that one
