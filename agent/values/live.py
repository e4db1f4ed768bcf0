"""The picture of now on its way to the ward: what is asked, granted or refused, and how it goes."""

from dataclasses import dataclass
from typing import Literal

from agent.i18n import Text

LiveState = Literal["uploading", "done", "failed"]


@dataclass(frozen=True, slots=True)
class LiveWish:
    """Somebody of the ward wants to see a camera. The job is called as the request."""

    job_id: str
    cam: str
    by: str
    case: str
    reason: str
    max_kbps: int | None = None
    max_s: float | None = None


@dataclass(frozen=True, slots=True)
class LiveGrant:
    """How it is shown."""

    kbps: int
    encoded: bool  # the analysis pictures, encoded for this; else the camera's own stream
    lasts_s: float  # at the longest
    keepalive_s: float


@dataclass(frozen=True, slots=True)
class LiveNo:
    """Why it is not shown."""

    kind: Literal["busy", "not_found", "not_capable"]
    text: Text


@dataclass(frozen=True, slots=True)
class LiveNews:
    """How a push goes, or how it ended (then `why`)."""

    wish: LiveWish
    state: LiveState
    bytes_sent: int = 0
    eta_s: float | None = None  # until it ends at the latest
    why: Text | None = None
    start_ns: int = 0  # wall clock of its begin, Unix nanoseconds
