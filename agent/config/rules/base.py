"""What all rules have, and those about a zone."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from agent.config.classes import Classes
from agent.config.labels import PERSON
from agent.config.schedule import Schedule
from agent.config.units import Flag, Identifier, Seconds, Section, Share
from agent.values import Severity


class BaseRule(Section):
    """What every rule has."""

    rule: str
    """Which rule it is."""
    id: Identifier | None = None
    """Its name at the ward; without it the rule's name and its zone or line."""
    classes: Classes = PERSON
    """What it looks at, by COCO class name."""
    schedule: Schedule = Schedule()
    """When it is on, in the node's local time; always, while the clock is not yet right."""
    severity: Severity = Severity.WARNING
    """info, warning or alert."""
    cooldown: Seconds = Field(default=30.0, le=86400)
    """Quiet time after an event before the next of the same rule."""
    min_age: Seconds = Field(default=0.5, le=3600)
    """Ignore tracks younger than this."""
    min_travel: Share = 0.0
    """Ignore tracks that moved less, in picture heights."""
    min_score: Share = 0.0
    """Ignore tracks of which the model is less sure."""
    clip: Flag = True
    """Send footage of it."""

    @property
    def place(self) -> str | None:
        """The zone or line it watches."""
        return None

    @property
    def name(self) -> str:
        """The rule's id at the ward."""
        return self.id or default_name(self.rule, self.place)


def default_name(rule: str, place: str | None) -> str:
    """The id of a rule that has none of its own."""
    return "-".join(part for part in (rule.replace("_", "-"), place) if part)


def rule_name(data: Mapping[str, Any]) -> str | None:
    """The id of a rule as written; None when it cannot be told."""
    own, rule = data.get("id"), data.get("rule")
    if own is not None:
        return own if isinstance(own, str) else None
    if not isinstance(rule, str):
        return None
    place = data.get("line" if rule == "line_crossing" else "zone")
    return default_name(rule, place if isinstance(place, str) else None)


class ZoneRule(BaseRule):
    """A rule about a zone; without `zone` it watches the whole picture."""

    zone: str | None = None
    """The zone's name; without it the whole picture."""

    @property
    def place(self) -> str | None:
        """The zone."""
        return self.zone
