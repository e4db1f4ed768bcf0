"""What an answer may carry beside its result: small things only, media never."""

from typing import Literal

from agent.contract.base import GapSpan, Part, Sha256, Utc, Words


class FootageRange(Part):
    """Footage without a gap."""

    from_utc: Utc
    to_utc: Utc
    bytes: int
    segments: int


class FootagePage(Part):
    """Of one camera, oldest first."""

    cam: str
    ranges: tuple[FootageRange, ...] = ()
    gaps: tuple[GapSpan, ...] = ()
    bytes: int = 0  # of the ranges of this page
    next_utc: Utc | None = None  # ask again with this `from_utc` for what follows; absent: this is the end


class HoldAnswer(Part):
    """What is kept now."""

    hold_id: str
    from_utc: Utc
    to_utc: Utc
    until_utc: Utc
    bytes: int = 0  # of footage that it covers now


class ConfigMistake(Part):
    """Why a configuration cannot be used."""

    line: int
    col: int
    path: str
    text: Words
    remedy: Words | None = None


class ConfigAnswer(Part):
    """A configuration: the one in use, or what is wrong with the one that was sent."""

    yaml: str | None = None  # with stars in place of secrets
    hash: Sha256 | None = None
    source: Literal["file", "page", "ward"] | None = None  # the installer's file, saved at the device, or by the ward
    mistakes: tuple[ConfigMistake, ...] = ()
    remarks: tuple[Words, ...] = ()


class CheckRow(Part):
    """One check of the self-test."""

    name: str
    state: Literal["ok", "warn", "error", "unknown"]
    text: Words
    remedy: Words | None = None


class LiveAnswer(Part):
    """How the picture is pushed."""

    kbps: int
    encoded: bool  # true: the small analysis picture, made for this; false: the camera's own stream
    ends_utc: Utc  # at the latest
    keepalive_s: float  # it ends when `live.keepalive` does not come in this time


class WipeAnswer(Part):
    """What to say to really erase."""

    token: str
    expires_in_s: float
    footage_bytes: int | None = None


class Answer(Part):
    """One of these."""

    footage: FootagePage | None = None
    hold: HoldAnswer | None = None
    config: ConfigAnswer | None = None
    checks: tuple[CheckRow, ...] | None = None
    live: LiveAnswer | None = None
    wipe: WipeAnswer | None = None
