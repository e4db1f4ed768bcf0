"""One object that is followed: its filter, its label by vote, how sure we are of it, and the way it has gone."""

import math
from collections import deque

from agent.clock import Moment
from agent.tracking.kalman import BoxFilter
from agent.values import Box, Detection, Point, Track

CONFIRM_HITS = 3
SURE = 0.6  # two hits of this mean score confirm too
SMOOTHING = 0.25  # weight of the newest hit in the score
FADE_S = 1.5  # a target that is searched for and not found loses score with this time constant
MAX_PATH = 64
STEP = 0.02  # picture heights between two points of the path; less is jitter of the box
LOOK_WORTH_S = 0.5  # a search in vain counts for the time since the one before it, up to this


class Target:
    """Mutable state of one object; `Tracker` owns it."""

    def __init__(self, number: int, at: Moment, aspect: float, detection: Detection) -> None:
        self.number = number
        self.filter = BoxFilter(detection.box, aspect)
        self.box = detection.box
        self.confirmed = False
        self.missed_s = 0.0  # seconds searched in vain since the last hit
        self.first = self.seen = self._searched = at
        self._aspect = aspect
        self._hits = 1
        self._score = detection.score
        self._votes = {detection.label: detection.score}
        self._path = deque([detection.box.foot], maxlen=MAX_PATH)
        self._travel = 0.0

    @property
    def label(self) -> str:
        """The label with most votes, by score; the first seen wins a draw."""
        return max(self._votes, key=lambda label: self._votes[label])

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
        self.seen = self._searched = at
        self.missed_s = 0.0
        self._hits += 1
        weight = max(SMOOTHING, 1.0 / self._hits)
        self._score += weight * (detection.score - self._score)
        self._votes[detection.label] = self._votes.get(detection.label, 0.0) + detection.score
        needed = 2 if self._score >= SURE else CONFIRM_HITS
        self.confirmed = self.confirmed or self._hits >= needed
        self._walk()

    def searched_in_vain(self, at: Moment) -> None:
        """Its place was looked at and it was not there."""
        self.missed_s += min(at.mono_s - self._searched.mono_s, LOOK_WORTH_S)
        self._searched = at

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
        )

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
