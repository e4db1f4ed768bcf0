"""Rules about vehicles: standing, driving the wrong way, hardly moving, running into each other."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from agent.config.classes import Classes
from agent.config.labels import PERSON, VEHICLES
from agent.config.rules.base import ZoneRule
from agent.config.shapes import Arrow
from agent.config.units import Number, Problem, Seconds, Whole
from agent.i18n import Text
from agent.values import Severity


class ParkingRule(ZoneRule):
    """A vehicle stands in a zone longer than `after`."""

    rule: Literal["parking"]
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name."""
    after: Seconds = Field(default=300.0, le=86400)
    """How long it may stand."""


class WrongWayRule(ZoneRule):
    """A vehicle moves against the direction of its zone."""

    rule: Literal["wrong_way"]
    direction: Arrow
    """The right way, as an arrow drawn on the picture: [[x, y], [x, y]], from where traffic comes to where it goes."""
    tolerance: Number = Field(default=60.0, ge=5, le=85)
    """How many degrees off the exact opposite still count as against the arrow."""
    after: Seconds = Field(default=1.0, le=600)
    """For how long it must go against the arrow."""
    lengths: Number = Field(default=1.0, ge=0.5, le=50)
    """How far it must go against the arrow, in its own lengths as seen in the picture."""
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name."""


class CongestionRule(ZoneRule):
    """At least `count` vehicles in a zone are slower than `speed` for `after`."""

    rule: Literal["congestion"]
    count: Whole = Field(default=5, ge=2, le=500)
    """How many slow vehicles are a jam."""
    speed: Number = Field(default=0.3, gt=0, le=10)
    """Slower than this is slow. In own lengths per second: a car at 0.3 needs over three seconds for its length."""
    after: Seconds = Field(default=60.0, le=86400)
    """For how long; longer than one red light."""
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name."""
    severity: Severity = Severity.INFO
    """info, warning or alert."""
    cooldown: Seconds = Field(default=300.0, le=86400)
    """Quiet time after an event before the next of the same rule."""


class CollisionRule(ZoneRule):
    """Experimental, with false alarms: two that met stop abruptly, and then stay still or people gather."""

    rule: Literal["collision"]
    classes: Classes = (*VEHICLES, *PERSON)
    """What may collide, by COCO class name; one of the two is always a vehicle."""
    after: Seconds = Field(default=8.0, ge=1, le=600)
    """How long they stay still afterwards."""
    gathering: Whole = Field(default=3, ge=2, le=50)
    """So many people around them tell it too, without waiting for `after`."""
    cooldown: Seconds = Field(default=60.0, le=86400)
    """Quiet time after an event before the next of the same rule."""

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Two people who run into each other are no collision of traffic."""
        classes = data.get("classes")
        if isinstance(classes, list | tuple) and classes and not set(VEHICLES) & {str(each) for each in classes}:
            text = Text(
                en="one of the two is always a vehicle; none is among the classes",
                vi="va chạm giao thông luôn có một bên là xe; trong classes không có loại xe nào",
            )
            yield Problem(("classes",), text, Text(en="add for example motorcycle, car", vi="hãy thêm motorcycle, car"))
