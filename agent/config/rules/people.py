"""Rules about people: where they are, how long, how many, what they do."""

from typing import Literal

from pydantic import Field

from agent.config.rules.base import BaseRule, ZoneRule
from agent.config.units import Flag, Seconds, Whole
from agent.values import Severity


class IntrusionRule(ZoneRule):
    """A class is inside a zone within the schedule."""

    rule: Literal["intrusion"]
    severity: Severity = Severity.ALERT
    """info, warning or alert."""


class LineCrossingRule(BaseRule):
    """A track crosses a line. From the line's first point to its second, `in` is from left to right."""

    rule: Literal["line_crossing"]
    line: str
    """The line's name."""
    direction: Literal["both", "in", "out"] = "both"
    """Which way makes an event; both ways are counted."""
    severity: Severity = Severity.INFO
    """info, warning or alert."""
    cooldown: Seconds = Field(default=0.0, le=86400)
    """Quiet time after an event; crossings are counted all the same."""
    clip: Flag = False
    """Send footage of it."""

    @property
    def place(self) -> str | None:
        """The line."""
        return self.line


class LoiteringRule(ZoneRule):
    """A person stays in a zone longer than `after`."""

    rule: Literal["loitering"]
    after: Seconds = Field(default=60.0, le=86400)
    """How long is too long."""


class CrowdRule(ZoneRule):
    """At least `count` of the classes in a zone for `after`."""

    rule: Literal["crowd"]
    count: Whole = Field(default=10, ge=2, le=500)
    """How many are a crowd."""
    after: Seconds = Field(default=10.0, le=86400)
    """For how long they must be there."""


class FightRule(ZoneRule):
    """Experimental, with false alarms: `count` people close together move fast and to and fro for `after`."""

    rule: Literal["fight"]
    count: Whole = Field(default=2, ge=2, le=50)
    """How many of those close together must move like that."""
    after: Seconds = Field(default=3.0, ge=1, le=600)
    """For how long."""
    cooldown: Seconds = Field(default=60.0, le=86400)
    """Quiet time after an event before the next of the same rule."""
