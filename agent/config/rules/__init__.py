"""The `rules` of a camera: one section per rule of the contract, by what they look at."""

from typing import Annotated, get_args

from pydantic import Field

from agent.config.rules.base import BaseRule, ZoneRule, rule_name
from agent.config.rules.people import CrowdRule, FightRule, IntrusionRule, LineCrossingRule, LoiteringRule
from agent.config.rules.things import DumpingRule, EncroachmentRule, ObjectRemovedRule, TamperRule
from agent.config.rules.traffic import CollisionRule, CongestionRule, ParkingRule, WrongWayRule

RuleSection = Annotated[
    IntrusionRule
    | LineCrossingRule
    | LoiteringRule
    | CrowdRule
    | ParkingRule
    | EncroachmentRule
    | DumpingRule
    | ObjectRemovedRule
    | WrongWayRule
    | CongestionRule
    | CollisionRule
    | FightRule
    | TamperRule,
    Field(discriminator="rule"),
]

# Their names, in the order of the documentation.
RULES: tuple[str, ...] = tuple(
    get_args(section.model_fields["rule"].annotation)[0] for section in get_args(get_args(RuleSection)[0])
)

__all__ = [
    "RULES",
    "BaseRule",
    "CollisionRule",
    "CongestionRule",
    "CrowdRule",
    "DumpingRule",
    "EncroachmentRule",
    "FightRule",
    "IntrusionRule",
    "LineCrossingRule",
    "LoiteringRule",
    "ObjectRemovedRule",
    "ParkingRule",
    "RuleSection",
    "TamperRule",
    "WrongWayRule",
    "ZoneRule",
    "rule_name",
]
