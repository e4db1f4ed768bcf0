"""One person stays in a zone too long: one event per person. A track lost for two seconds does not reset the time."""

from agent.config.rules import LoiteringRule
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Event, Scene


class Loitering(ZoneWatch):
    """Starts for each person whose time in the zone reaches `after`, ends when that person has left."""

    def __init__(self, section: LoiteringRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting)
        self._after_s = section.after

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        long = (one for one in self.inside(scene.at, scene.tracks) if one.dwell_s >= self._after_s)
        return self._life.step(scene.at, {one.stay.key: Sight((seen(one.track, one.dwell_s),), 1) for one in long})
