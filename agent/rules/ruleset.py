"""All rules of one camera, in the order of the configuration: scenes in, events out."""

from collections.abc import Callable

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
    ZoneRule,
)
from agent.rules.collision import Collision
from agent.rules.congestion import Congestion
from agent.rules.crowd import Crowd
from agent.rules.dumping import Dumping
from agent.rules.encroachment import Encroachment
from agent.rules.fight import Fight
from agent.rules.intrusion import Intrusion
from agent.rules.lifecycle import Setting
from agent.rules.line_crossing import LineCrossing
from agent.rules.loitering import Loitering
from agent.rules.object_removed import ObjectRemoved
from agent.rules.parking import Parking
from agent.rules.rule import Rule, RuleState
from agent.rules.tamper import Tamper
from agent.rules.wrong_way import WrongWay
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


ZONE_RULES: dict[type[ZoneRule], Callable[..., Rule]] = {
    IntrusionRule: Intrusion,
    LoiteringRule: Loitering,
    CrowdRule: Crowd,
    ParkingRule: Parking,
    EncroachmentRule: Encroachment,
    DumpingRule: Dumping,
    ObjectRemovedRule: ObjectRemoved,
    WrongWayRule: WrongWay,
    CongestionRule: Congestion,
    CollisionRule: Collision,
    FightRule: Fight,
}


def _made(section: RuleSection, camera: CameraSection, setting: Setting) -> Rule:
    if isinstance(section, LineCrossingRule):
        return LineCrossing(section, camera.lines, setting)
    if isinstance(section, TamperRule):
        return Tamper(section, setting)
    return ZONE_RULES[type(section)](section, camera.zones, setting)
