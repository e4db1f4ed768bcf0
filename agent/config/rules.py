"""The `rules` of a camera: one section per rule of the contract."""

import difflib
from typing import Annotated, Literal

from pydantic import Field

from agent.config.labels import COCO, PERSON, VEHICLES
from agent.config.units import Bilingual, Identifier, Schedule, Seconds, Section, Share
from agent.values import Severity


def _known(name: str, known: set[str], what: Literal["zone", "line"]) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    meant_en = f"; did you mean {near[0]!r}?" if near else ""
    meant_vi = f"; có phải ý bạn là {near[0]!r}?" if near else ""
    place_vi = "vùng" if what == "zone" else "vạch"
    raise Bilingual(
        f"no {what} is called {name!r} on this camera{meant_en}",
        f"camera này không có {place_vi} tên {name!r}{meant_vi}",
    )


class BaseRule(Section):
    """What every rule has."""

    rule: str
    id: Identifier | None = None  # default: the rule's name and its zone or line
    classes: tuple[str, ...] = PERSON
    schedule: Schedule = Schedule()
    severity: Severity = Severity.WARNING
    cooldown: Seconds = 30.0  # quiet time after an event before the next of the same rule
    min_age: Seconds = 0.5  # ignore tracks younger than this
    min_travel: Share = 0.0  # ignore tracks that moved less (in picture heights)
    min_score: Share = 0.0
    clip: bool = True

    @property
    def place(self) -> str | None:
        """The zone or line it watches."""
        return None

    @property
    def name(self) -> str:
        """The rule's id at the ward."""
        return self.id or "-".join(part for part in (self.rule.replace("_", "-"), self.place) if part)

    def check_place(self, zones: set[str], lines: set[str]) -> None:
        """Raises Bilingual when the zone or line does not exist; also checks the classes."""
        for label in self.classes:
            if label not in COCO:
                near = difflib.get_close_matches(label, COCO, 1)
                raise Bilingual(
                    f"unknown class {label!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
                    f"không có loại vật thể {label!r}" + (f"; có phải ý bạn là {near[0]!r}?" if near else ""),
                )


class ZoneRule(BaseRule):
    """A rule about a zone; without `zone` it watches the whole picture."""

    zone: str | None = None

    @property
    def place(self) -> str | None:
        """The zone."""
        return self.zone

    def check_place(self, zones: set[str], lines: set[str]) -> None:
        """The zone exists."""
        super().check_place(zones, lines)
        if self.zone is not None:
            _known(self.zone, zones, "zone")


class IntrusionRule(ZoneRule):
    """A class is inside a zone within the schedule."""

    rule: Literal["intrusion"]
    severity: Severity = Severity.ALERT


class LineCrossingRule(BaseRule):
    """A track crosses a line. From the line's first point to its second, `in` is from left to right."""

    rule: Literal["line_crossing"]
    line: str
    direction: Literal["both", "in", "out"] = "both"
    severity: Severity = Severity.INFO
    cooldown: Seconds = 0.0
    clip: bool = False

    @property
    def place(self) -> str | None:
        """The line."""
        return self.line

    def check_place(self, zones: set[str], lines: set[str]) -> None:
        """The line exists."""
        super().check_place(zones, lines)
        _known(self.line, lines, "line")


class LoiteringRule(ZoneRule):
    """A person stays in a zone longer than `after`."""

    rule: Literal["loitering"]
    after: Seconds = 60.0


class CrowdRule(ZoneRule):
    """At least `count` of the classes in a zone for `after`."""

    rule: Literal["crowd"]
    count: int = Field(default=10, ge=2, le=500)
    after: Seconds = 10.0


class ParkingRule(ZoneRule):
    """A vehicle stands in a zone longer than `after`."""

    rule: Literal["parking"]
    classes: tuple[str, ...] = VEHICLES
    after: Seconds = 300.0


RuleSection = Annotated[
    IntrusionRule | LineCrossingRule | LoiteringRule | CrowdRule | ParkingRule, Field(discriminator="rule")
]
