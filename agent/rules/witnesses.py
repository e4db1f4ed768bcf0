"""Who was where in the last minutes, to tell later who was near when something was put down or taken away."""

from collections import deque
from dataclasses import dataclass, replace

from agent.clock import Moment
from agent.config.labels import MOTION, PERSON, VEHICLES
from agent.rules.lifecycle import seen
from agent.rules.motions import Sample, touch
from agent.values import Box, EventObject, Role, Track

KEEP_S = 180.0  # a lasting change is told only when it has lasted
STILL_S = 5.0  # who does not move is written down this seldom
MOVED_SHARE = 0.3
MAX_SAMPLES = 64
MAX_TRACKS = 64
MAX_TOLD = 4
REACH = 1.0  # in widths of the witness or the thing: at arm's length
WHO = frozenset((*PERSON, *VEHICLES, MOTION))


@dataclass(slots=True)
class Witness:
    """One who was there: as last seen, and where before."""

    track: Track
    seen_s: float
    places: deque[Sample]


class Witnesses:
    """The people and vehicles of one camera, without a model whatever moved."""

    def __init__(self, labels: frozenset[str] = WHO) -> None:
        self._labels = labels
        self._known: dict[int, Witness] = {}

    def update(self, at: Moment, tracks: tuple[Track, ...]) -> None:
        """Write down where they are."""
        for track in tracks:
            if track.label not in self._labels or not track.confirmed:
                continue
            witness = self._known.pop(track.id, None) or Witness(track, at.mono_s, deque(maxlen=MAX_SAMPLES))
            witness.track, witness.seen_s = track, at.mono_s
            if not witness.places or _moved(witness.places[-1], at, track.box):
                witness.places.append(Sample(at.mono_s, track.box))
            self._known[track.id] = witness  # the longest unseen come first
        fresh = [(id_, one) for id_, one in self._known.items() if at.mono_s - one.seen_s <= KEEP_S]
        self._known = dict(fresh[-MAX_TRACKS:])

    def near(self, box: Box, from_s: float, to_s: float) -> tuple[Track, ...]:
        """Who came within reach of `box` in that time, with the box where they were; those it overlaps most first."""
        found = []
        for witness in self._known.values():
            # Between two places written down it was at the first.
            places = [
                place
                for place, after in zip(witness.places, [*list(witness.places)[1:], None], strict=True)
                if place.at_s <= to_s and (after.at_s if after else witness.seen_s) >= from_s
            ]
            touching = [place for place in places if touch(place.box, box, 2 * REACH)]
            if touching:
                closest = max(touching, key=lambda place: place.box.overlap(box))
                found.append((-closest.box.overlap(box), witness.track.id, replace(witness.track, box=closest.box)))
        return tuple(track for _, _, track in sorted(found, key=lambda each: each[:2])[:MAX_TOLD])

    def first_place(self, track: Track) -> Box | None:
        """Where it was when it was first written down, as far as is still known."""
        witness = self._known.get(track.id)
        return witness.places[0].box if witness else None

    def clear(self) -> None:
        """Forget all."""
        self._known = {}

    def __len__(self) -> int:
        return len(self._known)


def told(near: tuple[Track, ...]) -> tuple[EventObject, ...]:
    """Witnesses as an event tells them."""
    return tuple(seen(track, track.age_s, Role.NEAR) for track in near)


def _moved(last: Sample, at: Moment, box: Box) -> bool:
    dx, dy = abs(box.centre.x - last.box.centre.x), abs(box.centre.y - last.box.centre.y)
    return at.mono_s - last.at_s >= STILL_S or dx > MOVED_SHARE * last.box.width or dy > MOVED_SHARE * last.box.height
