"""Something occupies a zone that was not there before: one event per thing, from `after` until it is gone.

A thing is known by a lasting change of the picture, by a vehicle that stands, or by both; so goods that no model knows
count as well as a parked lorry, and either may be lost for ten seconds without ending the event.
"""

from dataclasses import dataclass

from agent.clock import Moment
from agent.config.labels import MOTION
from agent.config.rules import EncroachmentRule
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.parking import standing_s
from agent.rules.rule import RuleState
from agent.rules.things import ALIVE, SETTLED_S, changes, label_of, same_place, thing
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Box, ChangeKind, EndReason, Event, EventObject, Scene

LOSS_S = 10.0
STANDS_S = 2.0  # a vehicle that drives through is no occupant
MAX_OCCUPANTS = 128


@dataclass(frozen=True, slots=True)
class Occupying:
    """What takes up room in this frame."""

    box: Box
    stood_s: float
    told: EventObject
    vehicle: bool


@dataclass(slots=True)
class Occupant:
    """The same over time."""

    key: int
    box: Box
    known_s: float  # seen first; it may have come before
    since_s: float
    seen_s: float
    told: EventObject


class Encroachment(ZoneWatch):
    """Starts for each thing that has occupied the zone for `after`, ends when it has been gone for ten seconds."""

    def __init__(self, section: EncroachmentRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, quiet_s=LOSS_S, loss_s=LOSS_S)
        self._classes = frozenset(section.classes)
        self._polygon = zones[section.zone] if section.zone is not None else None
        self._after_s, self._min_age_s = section.after, section.min_age
        self._occupants: list[Occupant] = []
        self._next_key = 0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        now_s = scene.at.mono_s
        for occupying in (*self._vehicles(scene), *self._things(scene)):
            self._place(now_s, occupying)
        # Kept as long as events are: a thing that comes back into sight goes on with its time.
        fresh = [one for one in self._occupants if now_s - one.seen_s <= LOSS_S]
        self._occupants = merged(fresh)[-MAX_OCCUPANTS:]
        sights = {
            one.key: Sight((one.told,), 1)
            for one in self._occupants
            if one.seen_s == now_s
            and now_s - one.known_s >= SETTLED_S
            and now_s - one.since_s >= max(self._after_s, self._min_age_s)
        }
        return self._life.step(scene.at, sights)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget what stands there."""
        self._occupants = []
        return super().close(at, reason)

    def state(self) -> RuleState:
        """Occupancy now: how many things stand there."""
        self._occupancy = len(self._occupants)
        return super().state()

    def _vehicles(self, scene: Scene) -> list[Occupying]:
        # Mere motion does not stand, and what is alive walks on.
        standing = []
        for one in self.inside(scene.at, scene.tracks):
            stood_s = min(standing_s(scene.at, one.stay, one.track.box), one.dwell_s)
            here = one.stay.off_anchor_s is None  # not about to drive on
            if here and stood_s >= STANDS_S and one.track.label != MOTION and one.track.label not in ALIVE:
                standing.append(Occupying(one.track.box, stood_s, seen(one.track, stood_s), True))
        return standing

    def _things(self, scene: Scene) -> list[Occupying]:
        return [
            Occupying(change.box, change.stood_s, thing(change), False)
            for change in changes(scene, ChangeKind.APPEARED, self._polygon)
            if label_of(change) is None or label_of(change) in self._classes
        ]

    def _place(self, now_s: float, occupying: Occupying) -> None:
        known = next((one for one in self._occupants if same_place(one.box, occupying.box)), None)
        if known is None:
            self._next_key += 1
            known = Occupant(self._next_key, occupying.box, now_s, now_s, now_s, occupying.told)
            self._occupants.append(known)
        elif known.seen_s < now_s:
            known.told = occupying.told  # a vehicle comes first, and tells more than a change of the picture
        # A vehicle's place stays where it was first seen, for one that creeps along is somewhere else after a while;
        # what lies there does not creep, but is often seen in pieces at first.
        if not occupying.vehicle:
            known.box = known.box.union(occupying.box)
        known.since_s, known.seen_s = min(known.since_s, now_s - occupying.stood_s), now_s


def merged(occupants: list[Occupant]) -> list[Occupant]:
    """Pieces that turn out to be in the same place are one thing, the one that was known first."""
    kept: list[Occupant] = []
    for one in occupants:
        whole = next((other for other in kept if same_place(other.box, one.box)), None)
        if whole is None:
            kept.append(one)
        else:
            whole.since_s, whole.seen_s = min(whole.since_s, one.since_s), max(whole.seen_s, one.seen_s)
    return kept
