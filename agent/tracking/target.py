"""One object that is followed: its filter, its label by vote, how sure we are of it, and the way it has gone."""

import math
from collections import deque

from agent.clock import Moment
from agent.tracking.kalman import BoxFilter
from agent.tracking.kinds import kind
from agent.tracking.look import packed, unpacked
from agent.tracking.sighting import Sighting
from agent.tracking.standing import Standing
from agent.values import Box, Detection, Parked, Point, Track

CONFIRM_HITS = 3
SURE = 0.6  # two hits of this mean score confirm too
SMOOTHING = 0.25  # weight of the newest hit in the score
FADE_S = 1.5  # a target that is searched for and not found loses score with this time constant
MAX_PATH = 64
STEP = 0.02  # picture heights between two points of the path; less is jitter of the box
LOOK_WORTH_S = 0.5  # a search in vain counts for the time since the one before it, up to this
PROOF_S = 10.0  # a person has moved by then; of those of the street video the slowest took 5.6 s
HELD_S = 900.0  # the model did not find it for so long: its look alone keeps it no longer
VEHICLES = {"motor", "cycle"}
PERSON = "person"


class Target:
    """Mutable state of one object; `Tracker` owns it."""

    def __init__(self, number: int, at: Moment, aspect: float, detection: Detection) -> None:
        self.number = number
        self.filter = BoxFilter(detection.box, aspect)
        self.box = detection.box
        self.label = detection.label
        self.kind = kind(detection.label)
        self.confirmed = False
        self.missed_s = 0.0  # seconds searched in vain since the last hit
        self.doubts = 0  # searches in vain before it was confirmed
        self.first = self.seen = self._searched = self._found = at
        self.standing = Standing(detection.box, at.mono_s) if self.kind in VEHICLES else None
        self._aspect = aspect
        self._birthplace = Standing(detection.box, at.mono_s) if self.kind == PERSON else None
        self._hits = 1
        self._score = detection.score
        self._votes = {detection.label: detection.score}
        self._path = deque([detection.box.foot], maxlen=MAX_PATH)
        self._travel = 0.0

    @classmethod
    def recalled(cls, parked: Parked, at: Moment, aspect: float, detection: Detection) -> "Target":
        """A parked vehicle that is seen again: its number, age and stand go on."""
        target = cls(parked.id, at, aspect, detection)
        target.first = at.shifted(-parked.age_s)
        target.confirmed = True
        target.standing = Standing(parked.box, at.mono_s, parked.stood_s, unpacked(parked.look))
        target.label, target.kind = parked.label, kind(parked.label)
        target._hits, target._score, target._travel = CONFIRM_HITS, parked.score, parked.travel
        target._votes = {parked.label: CONFIRM_HITS * parked.score}
        return target

    @property
    def score(self) -> float:
        """The smoothed score of the hits, less when it is searched for in vain and while it is young."""
        return self._score * math.exp(-self.missed_s / FADE_S) * self._hits / (self._hits + 1)

    def predict(self, seconds: float) -> None:
        """Move on to the time of the next frame."""
        self.filter.predict(seconds)
        self.box = self.filter.box

    def hit(self, at: Moment, detection: Detection) -> None:
        """It was seen."""
        self.filter.correct(detection.box, detection.score)
        self.box = self.filter.box
        self.seen = self._searched = self._found = at
        self.missed_s = 0.0
        self._hits += 1
        weight = max(SMOOTHING, 1.0 / self._hits)
        self._score += weight * (detection.score - self._score)
        self._vote(detection)
        needed = 2 if self._score >= SURE else CONFIRM_HITS
        self.confirmed = self.confirmed or self._hits >= needed
        if self._birthplace is not None and self._birthplace.moved(at.mono_s, self.box):
            self.alive()
        if self.standing is not None and self.standing.moved(at.mono_s, self.box):
            self.standing = Standing(self.box, at.mono_s)
        self._walk()

    def alive(self) -> None:
        """It was seen to move, and needs not prove it any more."""
        self._birthplace = None

    def scenery(self, at: Moment) -> bool:
        """Has this person never left the place of its first sight? It is a sign, or will be shown when it moves."""
        return self._birthplace is not None and self._birthplace.stood_s(at.mono_s) >= PROOF_S

    def searched_in_vain(self, at: Moment) -> None:
        """Its place was looked at and it was not there."""
        self.missed_s += min(at.mono_s - self._searched.mono_s, LOOK_WORTH_S)
        self.doubts += not self.confirmed
        self._searched = at

    def unsearched_s(self, at: Moment) -> float:
        """Seconds since the model last looked at its place."""
        return at.mono_s - self._searched.mono_s

    def parked(self, at: Moment) -> bool:
        """Is it a vehicle that stands, with a look to know it by?"""
        return self.confirmed and self.standing is not None and self.standing.parked(at.mono_s)

    def rests(self, sighting: Sighting) -> bool:
        """Is it parked, and is its place as it was? Where nothing moves, nothing has changed."""
        if self.standing is None or not self.parked(sighting.at):
            return False
        return not sighting.moves(self.standing.box) or self.standing.still_there(sighting.small.luma)

    def held(self, sighting: Sighting) -> bool:
        """The model searched and did not find it. Is it there all the same, by its look? Then it counts as seen."""
        at = sighting.at
        if self.standing is None or not self.parked(at) or at.mono_s - self._found.mono_s > HELD_S:
            return False
        if not self.standing.still_there(sighting.small.luma):
            return False
        self.seen = self._searched = at
        self.missed_s = 0.0
        return True

    def remembered(self, at: Moment) -> Parked | None:
        """What is worth remembering of it beyond its sight: only of a vehicle that is parked."""
        standing = self.standing
        if standing is None or standing.look is None or not self.parked(at):
            return None
        known_s, seen_s = self.seen.mono_s - self.first.mono_s, standing.stood_s(self.seen.mono_s)
        score, look = round(self._score, 4), packed(standing.look)
        return Parked(self.number, self.label, score, standing.box, known_s, seen_s, self._travel, self.seen, look)

    def track(self, at: Moment, box: Box | None = None) -> Track:
        """What the other rooms see of it; `box` where it should be, if not where it is."""
        box = box or self.box
        foot = box.foot
        return Track(
            id=self.number,
            label=self.label,
            score=round(self.score, 4),
            box=box,
            first=self.first,
            last_seen=self.seen,
            age_s=at.mono_s - self.first.mono_s,
            travel=self._travel,
            path=(*self._path, foot) if self._path[-1] != foot else tuple(self._path),
            confirmed=self.confirmed,
            stood_before_s=self.standing.before_s if self.standing is not None else 0.0,
        )

    def _vote(self, detection: Detection) -> None:
        # The label with most votes, by score; the first seen wins a draw.
        self._votes[detection.label] = self._votes.get(detection.label, 0.0) + detection.score
        if len(self._votes) > 1:
            self.label = max(self._votes, key=lambda label: self._votes[label])

    def _walk(self) -> None:
        step = self._distance(self._path[-1], self.box.foot)
        if step >= STEP:
            self._path.append(self.box.foot)
            self._travel += step

    def _distance(self, one: Point, other: Point) -> float:
        return math.hypot((one.x - other.x) * self._aspect, one.y - other.y)


def visible_share(box: Box) -> float:
    """The share of a box that lies inside the picture."""
    return box.clipped().area / box.area if box.area > 0 else 0.0
