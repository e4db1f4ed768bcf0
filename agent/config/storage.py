"""The sections about the disk: footage and what waits for the ward."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from agent.config.units import Bilingual, Bytes, Problem, Seconds, Section, Whole, duration_s
from agent.i18n import Text


class FootageSection(Section):
    """The ring of segments on disk."""

    budget: Bytes = Field(default=8_000_000_000, ge=10_000_000)
    """Footage never takes more."""
    keep_free: Bytes = 500_000_000
    """And stops before less than this is free on the disk."""
    max_age: Seconds = Field(default=30 * 86400.0, ge=60)
    """Deleted after this, whatever the budget."""
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


def _seconds(section: type[Section], data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name, section.model_fields[name].default)
    try:
        return value if isinstance(value, float) else duration_s(value)
    except Bilingual:
        return None


class SpoolSection(Section):
    """What waits for the ward while the line is down."""

    messages: Whole = Field(default=200_000, ge=100, le=10_000_000)
    """So many messages at most."""
    clips_budget: Bytes = Field(default=2_000_000_000, ge=1_000_000)
    """Clips that wait never take more."""
