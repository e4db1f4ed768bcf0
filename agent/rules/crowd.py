"""Many are in a zone at once, for a while: one event for as long as they are."""

from agent.clock import Moment
from agent.config.rules import CrowdRule
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import EndReason, Event, Scene

# In a crowd some are always hidden for a moment: fewer than `count` for less than this changes nothing.
THINNED_S = 5.0


class Crowd(ZoneWatch):
    """Starts when at least `count` have been inside for `after`, ends when fewer have been for five seconds."""

    def __init__(self, section: CrowdRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, quiet_s=THINNED_S)
        self._count = section.count
        self._after_s = section.after
        self._since_s: float | None = None
        self._enough_s = 0.0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        present = self.inside(scene.at, scene.tracks)
        enough = len(present) >= self._count
        if enough:
            self._since_s = scene.at.mono_s if self._since_s is None else self._since_s
            self._enough_s = scene.at.mono_s
        elif self._since_s is not None and scene.at.mono_s - self._enough_s >= THINNED_S:
            self._since_s = None
        if not enough or self._since_s is None or scene.at.mono_s - self._since_s < self._after_s:
            return self._life.step(scene.at, {})
        objects = tuple(seen(one.track, one.dwell_s) for one in present)
        return self._life.step(scene.at, {0: Sight(objects, len(objects))})

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._since_s = None
        return super().close(at, reason)
