"""Experimental: people close together move fast and to and fro for a while.

People who walk are fast too, but they get somewhere; people who talk stay, but are slow. Who is pushed and pulled goes
a long way and stays where he is. Children who play and people who dance do the same: expect false alarms.
"""

import math
from dataclasses import dataclass

from agent.clock import Moment
from agent.config.rules import FightRule
from agent.rules.following import Following
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.motions import Motions, touch
from agent.rules.zone import Present
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import EndReason, Event, Scene

OVER_S = 2.4
STEP_S = 0.4  # shorter steps are mostly jitter of the box
FAST = 0.6  # own sizes per second, step by step; who stands and talks makes a tenth, who moves up in a queue up to 0.4
STAYS = 0.7  # of the way gone, at most, between start and end; who walks makes all of it
CLOSE_SHARE = 0.6  # of their widths between them, at most
LATELY_S = 1.5  # two who fight do not both leap in the same second
CALM_S = 3.0  # a fight has pauses, and who is hidden by another is lost for a moment


@dataclass(slots=True)
class Restless:
    """How one person moves, and when it was last fast to and fro."""

    motions: Motions
    wild_s: float = -math.inf


class Fight(ZoneWatch):
    """Starts when at least `count` close together have been moving so for `after`, ends with a pause of two seconds."""

    def __init__(self, section: FightRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting)
        self._count, self._after_s = section.count, section.after
        self._people: Following[Restless] = Following(lambda at, track: Restless(Motions(at, track, OVER_S)))
        self._since_s: float | None = None
        self._wild_s = 0.0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        now_s = scene.at.mono_s
        present = self.inside(scene.at, scene.tracks)
        followed = self._people.update(scene.at, tuple(one.track for one in present))
        wild, last_s = [], -math.inf
        for one, memory in zip(present, (each.memory for each in followed), strict=True):
            memory.motions.add(scene.at, one.track.box)
            if is_wild(memory.motions):
                memory.wild_s = last_s = now_s
            if now_s - memory.wild_s <= LATELY_S:
                wild.append(one)
        fighting = largest_group(wild)
        if len(fighting) >= self._count:
            self._since_s = now_s if self._since_s is None else self._since_s
            self._wild_s = max(self._wild_s, last_s)
        elif self._since_s is not None and now_s - self._wild_s >= CALM_S:
            self._since_s = None
        if len(fighting) < self._count or self._since_s is None or self._wild_s - self._since_s < self._after_s:
            return self._life.step(scene.at, {})
        return self._life.step(
            scene.at, {0: Sight(tuple(seen(one.track, one.dwell_s) for one in fighting), len(fighting))}
        )

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._since_s = None
        self._people.clear()
        return super().close(at, reason)


def is_wild(motions: Motions) -> bool:
    """Fast, and yet not getting anywhere."""
    wandered = motions.wandered(OVER_S, STEP_S)
    if wandered is None:
        return False
    gone, straight = wandered
    return gone / OVER_S >= FAST and straight <= STAYS * gone


def largest_group(people: list[Present]) -> list[Present]:
    """Those who are close to each other, or to somebody who is."""
    best: list[Present] = []
    left = list(people)
    while left:
        group = [left.pop()]
        for one in group:
            close = [other for other in left if touch(one.track.box, other.track.box, CLOSE_SHARE)]
            group += close  # the loop goes on with them
            left = [other for other in left if other not in close]
        best = max(best, group, key=len)
    return best
