"""Traffic hardly moves: many vehicles are slow in a zone for a while. One event for as long as they are.

Speed is measured in a vehicle's own lengths per second over three seconds, so stopping for a moment is not slow.
"""

from agent.clock import Moment
from agent.config.rules import CongestionRule
from agent.rules.following import Following
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.motions import Motions
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import EndReason, Event, Scene

OVER_S = 3.0
LOSS_S = 5.0  # vehicles in a jam hide each other
# A jam starts and stops: fewer than `count` slow ones for less than this changes nothing.
LOOSENED_S = 10.0


class Congestion(ZoneWatch):
    """Starts when at least `count` have been slow for `after`, ends when fewer have been for ten seconds."""

    def __init__(self, section: CongestionRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, quiet_s=LOOSENED_S, loss_s=LOSS_S)
        self._count, self._speed, self._after_s = section.count, section.speed, section.after
        self._motions: Following[Motions] = Following(lambda at, track: Motions(at, track, 2 * OVER_S), LOSS_S)
        self._since_s: float | None = None
        self._jammed_s = 0.0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        now_s = scene.at.mono_s
        present = self.inside(scene.at, scene.tracks)
        followed = self._motions.update(scene.at, tuple(one.track for one in present))
        slow = []
        for one, motions in zip(present, (each.memory for each in followed), strict=True):
            motions.add(scene.at, one.track.box)
            speed = motions.speed(OVER_S)
            if speed is not None and speed <= self._speed:
                slow.append(one)
        jammed = len(slow) >= self._count
        if jammed:
            self._since_s = now_s if self._since_s is None else self._since_s
            self._jammed_s = now_s
        elif self._since_s is not None and now_s - self._jammed_s >= LOOSENED_S:
            self._since_s = None
        if not jammed or self._since_s is None or now_s - self._since_s < self._after_s:
            return self._life.step(scene.at, {})
        return self._life.step(scene.at, {0: Sight(tuple(seen(one.track, one.dwell_s) for one in slow), len(slow))})

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._since_s = None
        self._motions.clear()
        return super().close(at, reason)
