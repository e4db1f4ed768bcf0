"""Experimental: two meet, one of them a vehicle, what moved stops abruptly, and then they stay still or people gather.

All of it must come together, for any one of it is daily life: vehicles stop abruptly, boxes of vehicles in two lanes
touch in the picture, and vehicles stand side by side. Only who comes close fast, as seen from the other, has met.
"""

from dataclasses import dataclass
from itertools import combinations

from agent.clock import Moment
from agent.config.labels import PERSON, VEHICLES
from agent.config.rules import CollisionRule
from agent.rules.following import Followed, Following
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.motions import Motions, lengths, touch
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Box, EndReason, Event, Role, Scene, Track

FAST = 0.7  # own lengths per second before the stop: a car at 11 km/h
FAST_ON_TWO_WHEELS = 1.6  # a motorbike at the same speed
SLOW = 0.25  # afterwards
OVER_S = 0.6  # speeds are means over this
STOP_S = 0.7  # between fast and slow: a driver who brakes for a red light takes longer
RECENT_S = 2.0  # the two need not come to rest in the same frame
CLOSED = 0.7  # of the smaller one's lengths they have come closer in that time
MEET_SHARE = 0.1  # of their widths between them, at most
AWAY_LENGTHS = 0.6  # who has gone this far since is not standing there
GATHER_SHARE = 4.0  # of their widths: who is this near has come to look
GATHER_S = 3.0  # they must stand so long in any case
MAX_CRASHES = 16


class Driving:
    """How one moves, and when it last stopped abruptly."""

    def __init__(self, at: Moment, track: Track) -> None:
        self.motions = Motions(at, track, 2 * (RECENT_S + STOP_S + OVER_S))
        self.stopped_s: float | None = None

    def add(self, at: Moment, track: Track) -> None:
        """Where it is in this frame."""
        self.motions.add(at, track.box)
        before = self.motions.speed(OVER_S, STOP_S) or 0.0
        fast = FAST_ON_TWO_WHEELS if track.label in ("bicycle", "motorcycle") else FAST
        if track.label in VEHICLES and self.slow and before >= fast:
            self.stopped_s = at.mono_s

    @property
    def slow(self) -> bool:
        """Does it stand, as far as can be told?"""
        speed = self.motions.speed(OVER_S)
        return speed is not None and speed <= SLOW


@dataclass(slots=True)
class Crash:
    """Two that met and stopped."""

    key: int
    since: Moment
    places: dict[int, Box]  # by track


class Collision(ZoneWatch):
    """Starts when two that met have stood for `after` or people have gathered; ends when they move off."""

    def __init__(self, section: CollisionRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting)
        self._after_s, self._gathering = section.after, section.gathering
        self._driving: Following[Driving] = Following(Driving)
        self._crashes: list[Crash] = []
        self._next_key = 0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        present = {one.track.id for one in self.inside(scene.at, scene.tracks)}
        # How they came counts also where it was before the zone: who drives into it is fast there.
        followed = self._driving.update(scene.at, self._eligible.candidates(scene.tracks))
        for one in followed:
            one.memory.add(scene.at, one.track)
        for one, other in combinations([one for one in followed if one.track.id in present], 2):
            if met(scene.at, one, other) and not self._known(one.track, other.track):
                self._next_key += 1
                places = {each.track.id: each.track.box for each in (one, other)}
                self._crashes = [*self._crashes, Crash(self._next_key, scene.at, places)][-MAX_CRASHES:]
        tracks = {track.id: track for track in scene.tracks}
        self._crashes = [crash for crash in self._crashes if stands(crash, tracks)]
        sights = {}
        for crash in self._crashes:
            stood_s = scene.at.mono_s - crash.since.mono_s
            around = gathered(crash, scene.tracks)
            if stood_s >= self._after_s or (stood_s >= GATHER_S and len(around) >= self._gathering):
                there = [tracks[id_] for id_ in crash.places if id_ in tracks]
                told = (*(seen(track, stood_s) for track in there), *(seen(track, 0.0, Role.NEAR) for track in around))
                sights[crash.key] = Sight(told, len(crash.places), crash.since)
        return self._life.step(scene.at, sights)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks."""
        self._crashes = []
        self._driving.clear()
        return super().close(at, reason)

    def _known(self, one: Track, other: Track) -> bool:
        # Whoever is part of one collision is not told of another while that one lasts.
        return any(one.id in crash.places or other.id in crash.places for crash in self._crashes)


def met(at: Moment, one: Followed[Driving], other: Followed[Driving]) -> bool:
    """Do both stand and touch, has a vehicle of them just stopped abruptly, and did they come close fast?"""
    if not {one.track.label, other.track.label} & set(VEHICLES):
        return False
    if not (one.memory.slow and other.memory.slow and touch(one.track.box, other.track.box, MEET_SHARE)):
        return False
    stops = [each.memory.stopped_s for each in (one, other)]
    if not any(stop is not None and at.mono_s - stop <= RECENT_S for stop in stops):
        return False
    before, other_before = (each.memory.motions.box_before(RECENT_S + STOP_S) for each in (one, other))
    if before is None or other_before is None:
        return False
    # From the other's seat: side by side in two lanes the way between them does not change.
    return closing(before, other_before, one.track.box, other.track.box) >= CLOSED


def closing(one_before: Box, other_before: Box, one: Box, other: Box) -> float:
    """How much the place of one as seen from the other has changed, in the size of the smaller."""
    small = one if one.area <= other.area else other
    dx = (one_before.centre.x - other_before.centre.x) - (one.centre.x - other.centre.x)
    dy = (one_before.centre.y - other_before.centre.y) - (one.centre.y - other.centre.y)
    shifted = Box(small.left + dx, small.top + dy, small.right + dx, small.bottom + dy)
    return lengths(small, shifted)


def stands(crash: Crash, tracks: dict[int, Track]) -> bool:
    """Is at least one still there, and has none driven or walked away? Who lies down may be lost to the model."""
    there = [(box, tracks[id_].box) for id_, box in crash.places.items() if id_ in tracks]
    return bool(there) and all(lengths(before, now) <= AWAY_LENGTHS for before, now in there)


def gathered(crash: Crash, tracks: tuple[Track, ...]) -> list[Track]:
    """The people around it who are not part of it."""
    return [
        track
        for track in tracks
        if track.label in PERSON
        and track.confirmed
        and track.id not in crash.places
        and any(touch(track.box, box, GATHER_SHARE) for box in crash.places.values())
    ]
