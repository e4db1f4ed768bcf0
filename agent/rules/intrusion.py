"""Somebody is in a zone: one event for as long as anybody is, its objects are those who are inside."""

from agent.rules.lifecycle import Sight, seen
from agent.rules.zone_rule import ZoneWatch
from agent.values import Event, Scene


class Intrusion(ZoneWatch):
    """Starts with the first inside, ends when nobody has been inside for two seconds."""

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        present = self.inside(scene.at, scene.tracks)
        objects = tuple(seen(one.track, one.dwell_s) for one in present)
        return self._life.step(scene.at, {0: Sight(objects, len(objects))} if objects else {})
