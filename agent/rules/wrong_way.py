"""A vehicle goes against the arrow of its zone: one event per vehicle, until it leaves the zone.

Its way is looked at in steps of a quarter of its own length. Only an unbroken run of steps against the arrow counts:
a box that jitters makes no steps, who turns round on the spot makes too few, and a track that jumps to the vehicle
behind makes one large step, of which no more counts than half of what is needed.
"""

import math
from dataclasses import dataclass

from agent.clock import Moment
from agent.config.rules import WrongWayRule
from agent.rules.following import Following
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.motions import lengths
from agent.rules.zone import Present
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Box, EndReason, Event, Scene

STEP_LENGTHS = 0.25
STALE_S = 5.0  # a step that took longer was none


@dataclass(slots=True)
class Way:
    """How one vehicle goes."""

    box: Box  # where its last step ended
    at_s: float
    run_s: float | None = None  # when the run of steps against the arrow began
    gone: float = 0.0  # lengths of that run
    wrong: bool = False


class WrongWay(ZoneWatch):
    """Starts for each vehicle that has gone far and long enough against the arrow."""

    def __init__(self, section: WrongWayRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting)
        start, end = section.direction
        self._arrow = math.atan2(end.y - start.y, end.x - start.x)
        self._tolerance = math.radians(section.tolerance)
        self._after_s, self._lengths = section.after, section.lengths
        self._ways: Following[Way] = Following(lambda at, track: Way(track.box, at.mono_s))

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        present = self.inside(scene.at, scene.tracks)
        sights = {}
        for one, followed in zip(
            present, self._ways.update(scene.at, tuple(one.track for one in present)), strict=True
        ):
            if self._step(scene.at, one, followed.memory):
                sights[one.stay.key] = Sight((seen(one.track, one.dwell_s),), 1)
        return self._life.step(scene.at, sights)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._ways.clear()
        return super().close(at, reason)

    def _step(self, at: Moment, one: Present, way: Way) -> bool:
        box = one.track.box
        step = lengths(way.box, box)
        if step >= STEP_LENGTHS:
            if at.mono_s - way.at_s <= STALE_S and self._against(way.box, box):
                way.run_s = way.at_s if way.run_s is None else way.run_s
                way.gone += min(step, self._lengths / 2)
            else:
                way.run_s, way.gone = None, 0.0
            way.box, way.at_s = box, at.mono_s
        # A run lasts from where its first step began to where its last one ended: standing does not add to it.
        long = way.run_s is not None and way.at_s - way.run_s >= self._after_s
        way.wrong = way.wrong or (long and way.gone >= self._lengths - 1e-9)
        return way.wrong

    def _against(self, start: Box, end: Box) -> bool:
        way = math.atan2(end.centre.y - start.centre.y, end.centre.x - start.centre.x)
        off = abs((way - self._arrow + math.pi) % (2 * math.pi) - math.pi)
        return math.pi - off <= self._tolerance
