"""The sections about the disk: footage, how long it may be kept, and what waits for the ward."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.units import Bilingual, Bytes, NonEmptyPath, Problem, Seconds, Section, Share, Whole, duration_s
from agent.i18n import Text


class FootageSection(Section):
    """The ring of segments on disk."""

    budget: Bytes = Field(default=8_000_000_000, ge=10_000_000)
    """Footage never takes more."""
    keep_free: Bytes = 500_000_000
    """And stops before less than this is free on the disk."""
    floor: Bytes = Field(default=200_000_000, ge=0)
    """What others put on the disk never pushes footage below this."""
    max_held: Share = 0.5
    """Held footage never takes more of the budget; a hold beyond it is refused."""
    mode: Literal["continuous", "events"] = "continuous"
    """continuous keeps all on the disk; events keeps the newest in memory, and on the disk only what an event or a hold
    covers.
    """
    memory: Bytes = Field(default=64_000_000, ge=8_000_000, le=4_000_000_000)
    """With `mode: events`: the ring in memory never takes more, of all cameras together. At most 15 % of the device's
    memory, and half of what its runtime directory has free.
    """
    segment: Seconds = Field(default=10.0, ge=1, le=300)
    """Length of one file."""
    pre_roll: Seconds = Field(default=5.0, ge=0, le=60)
    """A clip begins this long before its event."""
    post_roll: Seconds = Field(default=5.0, ge=0, le=120)
    """And ends this long after it."""
    max_clip: Seconds = Field(default=120.0, ge=5, le=900)
    """No clip is longer."""

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """What comes before and after an event leaves room for the event."""
        before, after, longest = (_seconds(cls, data, name) for name in ("pre_roll", "post_roll", "max_clip"))
        if before is not None and after is not None and longest is not None and before + after >= longest:
            where = next(name for name in ("max_clip", "post_roll", "pre_roll") if name in data)
            text = Text(
                en="`max_clip` must be longer than `pre_roll` and `post_roll` together",
                vi="`max_clip` phải dài hơn `pre_roll` cộng `post_roll`",
            )
            yield Problem((where,), text)


class RetentionSection(Section):
    """How long footage of people may be kept. Whoever answers for the node decides it; so there is no default."""

    max_days: Whole = Field(ge=1, le=365)
    """Footage older than this is deleted, whatever the budget; held footage when its hold ends."""


class EvidenceSection(Section):
    """What protects footage beyond its seal."""

    encrypt_to: Annotated[Path, NonEmptyPath] | None = None
    """The ward's public key, made with `camera-agent keys`: footage and clips are encrypted, and the node itself opens
    only what it wrote since its device was switched on. Without it nothing is encrypted.
    """


def _seconds(section: type[Section], data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name, section.model_fields[name].default)
    try:
        return value if isinstance(value, float) else duration_s(value)
    except Bilingual:
        return None


class SpoolSection(Section):
    """What waits for the ward while the line is down."""

    messages: Whole = Field(default=200_000, ge=100, le=10_000_000)
    """So many messages at most, and a kilobyte of disk for each: 200 MB hold 7 days without a line at 700 events a day
    with their pictures, or at 4,700 without. Pictures go first, then updates; what goes is counted.
    """
    clips_budget: Bytes = Field(default=2_000_000_000, ge=1_000_000)
    """Clips that were cut and wait never take more. Most wait as footage in the ring, which keeps what a clip needs:
    both hold 72 hours without a line at 300 clips a day of 30 s at 2 Mbit/s. What goes is counted.
    """
