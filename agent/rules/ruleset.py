"""All rules of one camera, in the order of the configuration: scenes in, events out."""

from collections.abc import Callable
from importlib import import_module

from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.config.rules import (
    CollisionRule,
    CongestionRule,
    CrowdRule,
    DumpingRule,
    EncroachmentRule,
    FightRule,
    IntrusionRule,
    LineCrossingRule,
    LoiteringRule,
    ObjectRemovedRule,
    ParkingRule,
    RuleSection,
    TamperRule,
    WrongWayRule,
)
from agent.rules.lifecycle import Setting
from agent.rules.rule import Rule, RuleState
from agent.values import EndReason, Event, Scene


class RuleSet:
    """The rules of one camera. `new_id` makes an event's id (a ULID of the moment); nothing else comes from outside."""

    def __init__(self, camera: CameraSection, timezone: str, new_id: Callable[[Moment], str]) -> None:
        setting = Setting(camera.id, timezone, new_id)
        self._rules = tuple(_made(section, camera, setting) for section in camera.rules)

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of one frame; `scene.at` never goes back."""
        return tuple(event for rule in self._rules for event in rule.update(scene))

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End every open event and forget all tracks. `update` may follow, when the camera is back."""
        return tuple(event for rule in self._rules for event in rule.close(at, reason))

    def states(self) -> tuple[RuleState, ...]:
        """What each rule knows now, in the order of the configuration."""
        return tuple(rule.state() for rule in self._rules)


# Each kind is loaded when a camera has such a rule: all of them are 0.4 MB of a node's memory, and few nodes have all.
KINDS: dict[type[RuleSection], tuple[str, str]] = {
    IntrusionRule: ("intrusion", "Intrusion"),
    LineCrossingRule: ("line_crossing", "LineCrossing"),
    LoiteringRule: ("loitering", "Loitering"),
    CrowdRule: ("crowd", "Crowd"),
    ParkingRule: ("parking", "Parking"),
    EncroachmentRule: ("encroachment", "Encroachment"),
    DumpingRule: ("dumping", "Dumping"),
    ObjectRemovedRule: ("object_removed", "ObjectRemoved"),
    TamperRule: ("tamper", "Tamper"),
    WrongWayRule: ("wrong_way", "WrongWay"),
    CongestionRule: ("congestion", "Congestion"),
    CollisionRule: ("collision", "Collision"),
    FightRule: ("fight", "Fight"),
}


def _made(section: RuleSection, camera: CameraSection, setting: Setting) -> Rule:
    module, name = KINDS[type(section)]
    kind: Callable[..., Rule] = getattr(import_module(f"agent.rules.{module}"), name)
    if isinstance(section, LineCrossingRule):
        return kind(section, camera.lines, setting)
    if isinstance(section, TamperRule):
        return kind(section, setting)
    return kind(section, camera.zones, setting)
