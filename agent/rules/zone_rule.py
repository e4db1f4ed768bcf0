"""What the rules about zones share: who counts and is inside now, and how the rule's events live."""

from agent.clock import Moment
from agent.config.rules import ZoneRule as ZoneSection
from agent.rules.eligible import Eligible
from agent.rules.following import LOSS_S
from agent.rules.lifecycle import QUIET_S, Lifecycle, Setting
from agent.rules.rule import RuleState
from agent.rules.zone import Present, Zone
from agent.values import EndReason, Event, Point, Track

Zones = dict[str, tuple[Point, ...]]


class ZoneWatch:
    """Base of the zone rules, which add the condition. `quiet_s` ends an event, `loss_s` bridges a lost track."""

    def __init__(
        self, section: ZoneSection, zones: Zones, setting: Setting, quiet_s: float = QUIET_S, loss_s: float = LOSS_S
    ) -> None:
        self._section = section
        self._eligible = Eligible(section)
        self._zone = Zone(zones[section.zone] if section.zone is not None else None, loss_s)
        self._life = Lifecycle(section, setting, quiet_s)
        self._occupancy = 0

    def inside(self, at: Moment, tracks: tuple[Track, ...]) -> tuple[Present, ...]:
        """Those who count and are in the zone now."""
        counting = tuple(one for one in self.followed(at, tracks) if self._eligible.passed(one.track))
        self._occupancy = len(counting)
        return counting

    def followed(self, at: Moment, tracks: tuple[Track, ...]) -> tuple[Present, ...]:
        """Those in the zone now, whether or not they are old enough to count yet."""
        return self._zone.update(at, self._eligible.candidates(tracks))

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._zone.clear()
        self._eligible.candidates(())
        self._occupancy = 0
        return self._life.close(at, reason)

    def state(self) -> RuleState:
        """Occupancy now."""
        return RuleState(
            rule_id=self._section.name,
            rule=self._section.rule,
            zone=self._section.zone,
            occupancy=self._occupancy,
            open_events=len(self._life),
            suppressed=self._life.suppressed,
        )
