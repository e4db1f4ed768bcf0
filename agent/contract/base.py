"""What all messages share: a frozen model whose JSON leaves out what is not known, and time as people write it.

`body()` gives the JSON that goes into the spool; the envelope (node, seq, clock, …) is added by `envelope.py` when the
message leaves. Readers ignore fields that they do not know.
"""

from datetime import datetime, timedelta, timezone
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agent.clock import Moment
from agent.i18n import Text

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Utc = Annotated[str, Field(pattern=r"^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", examples=["2026-03-05T07:30:00.250Z"])]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A piece of a message."""

    # Built at first use: a node says and hears a part of what there is.
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="ignore", populate_by_name=True, protected_namespaces=()
    )


class Message(Part):
    """A whole message, without its envelope."""

    def body(self) -> bytes:
        """UTF-8 JSON without the envelope; fields that are None are left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class Words(Part):
    """One sentence in both languages."""

    vi: str
    en: str

    @classmethod
    def of(cls, text: Text) -> "Words":
        """From the agent's own pair."""
        return cls(vi=text.vi, en=text.en)

    def text(self) -> Text:
        """As the agent's own pair."""
        return Text(en=self.en, vi=self.vi)


class GapSpan(Part):
    """A stretch of time that the footage lacks."""

    from_utc: Utc
    to_utc: Utc
    cause: str


class ManifestFile(Part):
    """What proves a clip: a file of its own at the upload server."""

    url: str
    sha256: Sha256


def utc(wall_ns: int) -> str:
    """Unix nanoseconds as ISO 8601 with milliseconds."""
    stamp = EPOCH + timedelta(milliseconds=wall_ns // 10**6)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> int:
    """Unix nanoseconds from `utc`'s form. Raises ValueError."""
    stamp = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if stamp.tzinfo is None:
        raise ValueError(f"no time zone in {text!r}")
    return (stamp - EPOCH) // timedelta(microseconds=1) * 1000


def redated(moment: Moment, now: Moment) -> Moment:
    """`moment` on today's wall clock, when it was taken in this boot before the clock was set; else as it is."""
    if moment.trusted or not now.trusted or moment.boot_id != now.boot_id:
        return moment
    return Moment(moment.mono_ns, now.wall_ns - (now.mono_ns - moment.mono_ns), True, moment.boot_id)
