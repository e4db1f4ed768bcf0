"""An object stays after those who brought it have left: one event per object, which tells who was near.

Who was within reach when it came to lie there has brought it; so has who turned up beside it afterwards without
having come from elsewhere, for a tracker may give a person who bends down a new number. When nobody was seen near,
nobody dumped it, and `encroachment` is the rule that tells.
"""

from dataclasses import dataclass, field

from agent.clock import Moment
from agent.config.labels import VEHICLES
from agent.config.rules import DumpingRule
from agent.rules.lifecycle import Setting, Sight
from agent.rules.motions import touch
from agent.rules.things import ALIVE, changes, label_of, thing
from agent.rules.witnesses import REACH, Witnesses, told
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import ChangeKind, EndReason, Event, Scene, StaticChange, Track

BEFORE_S, AFTER_S = 10.0, 5.0  # around the moment at which it came to lie there
LEFT = 3.0  # widths away: out of reach
GONE_S = 5.0  # not to be seen for so long: taken away again


@dataclass(slots=True)
class Left:
    """What is known of one object."""

    near: dict[int, Track] = field(default_factory=dict)  # who brought it, where they were
    alone_s: float | None = None  # since when none of them is near


class Dumping(ZoneWatch):
    """Starts for each object that has lain alone for `after`, ends when it is gone."""

    def __init__(self, section: DumpingRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, quiet_s=GONE_S)
        self._after_s = section.after
        self._polygon = zones[section.zone] if section.zone is not None else None
        self._witnesses = Witnesses(frozenset(section.classes))
        self._left: dict[int, Left] = {}

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        candidates = self._eligible.candidates(scene.tracks)
        counting = tuple(track for track in candidates if self._eligible.passed(track))
        self._witnesses.update(scene.at, counting)
        # Also what is taken for somebody who stands there: who bends over a thing hides it until he has gone.
        came = changes(scene, ChangeKind.APPEARED, self._polygon)
        self._left = {change.id: self._left.get(change.id) or Left() for change in came}
        for change in came:
            self._follow(scene.at, change, self._left[change.id], counting)
        lying = tuple(change for change in came if label_of(change) not in ALIVE and label_of(change) not in VEHICLES)
        self._occupancy = len(lying)
        sights = {}
        for change in lying:
            left = self._left[change.id]
            if left.near and left.alone_s is not None and scene.at.mono_s - left.alone_s >= self._after_s:
                sights[change.id] = Sight((thing(change), *told(tuple(left.near.values()))), 1, change.since)
        return self._life.step(scene.at, sights)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget who was there."""
        self._left = {}
        self._witnesses.clear()
        return super().close(at, reason)

    def _follow(self, at: Moment, change: StaticChange, left: Left, tracks: tuple[Track, ...]) -> None:
        since_s = change.since.mono_s
        if left.alone_s is None:
            for track in self._witnesses.near(change.box, since_s - BEFORE_S, since_s + AFTER_S):
                left.near.setdefault(track.id, track)
        here = [track for track in tracks if touch(track.box, change.box, 2 * LEFT)]
        for track in here:
            first = self._witnesses.first_place(track)
            if track.first.mono_s >= since_s and first is not None and touch(first, change.box, 2 * REACH):
                left.near.setdefault(track.id, track)
        if any(track.id in left.near for track in here):
            left.alone_s = None
        elif left.alone_s is None:
            left.alone_s = at.mono_s
