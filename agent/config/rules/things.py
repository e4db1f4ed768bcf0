"""Rules about what lies or stands: put there, left behind, taken away; and about the camera's own view."""

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from agent.config.classes import Classes, ClassName
from agent.config.labels import PERSON, STREET_GOODS, VEHICLES
from agent.config.rules.base import BaseRule, ZoneRule
from agent.config.units import Seconds, Share
from agent.values import Severity


class EncroachmentRule(ZoneRule):
    """Something that was not there before occupies a zone longer than `after`, vehicle or not."""

    rule: Literal["encroachment"]
    classes: Classes = (*VEHICLES, *STREET_GOODS)
    """What counts, by COCO class name; what no model knows counts always."""
    after: Seconds = Field(default=600.0, ge=5, le=86400)
    """How long it may stay."""
    cooldown: Seconds = Field(default=300.0, le=86400)
    """Quiet time after an event before the next of the same rule."""


class DumpingRule(ZoneRule):
    """An object stays in a zone after the person or vehicle that brought it has left."""

    rule: Literal["dumping"]
    classes: Classes = (*PERSON, *VEHICLES)
    """Who may have brought it, by COCO class name; `min_age`, `min_travel` and `min_score` are about them."""
    after: Seconds = Field(default=30.0, ge=5, le=86400)
    """How long it must lie there after all who brought it have left."""


class ObjectRemovedRule(ZoneRule):
    """A standing vehicle, or anything in the named zone, goes away within the schedule; it tells who was near."""

    rule: Literal["object_removed"]
    classes: Classes = VEHICLES
    """What is watched, by COCO class name. With a `zone`, also whatever no model knows."""
    stood: Seconds = Field(default=60.0, ge=5, le=86400)
    """Only what stood there for at least this long."""


class TamperRule(BaseRule):
    """The camera's view is covered, moved, blurred, blinded or too dark for longer than `after`."""

    rule: Literal["tamper"]
    after: Seconds = Field(default=10.0, ge=1, le=3600)
    """For how long; a passing bus is shorter."""
    severity: Severity = Severity.ALERT
    """info, warning or alert."""
    # It looks at no track: these are not offered, and refused where they are written (agent/config/meanings.py).
    classes: SkipJsonSchema[tuple[ClassName, ...]] = ()
    """None."""
    min_age: SkipJsonSchema[Seconds] = 0.0
    """Not of this rule."""
    min_travel: SkipJsonSchema[Share] = 0.0
    """Not of this rule."""
    min_score: SkipJsonSchema[Share] = 0.0
    """Not of this rule."""
