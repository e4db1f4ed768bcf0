"""Does a target stand, since when, and does its place still look as it did?

A vehicle that stands is known by its place and its look. The look is refreshed while nothing moves there, so that it
follows the day's light; while something does move, it tells whether the vehicle is still there behind the headlights.
"""

from dataclasses import dataclass

from agent.tracking.look import Look, likeness, look_at
from agent.values import Box, Picture

PARKED_S = 8.0  # stands for longer: it is parked
REST_S = 2.0  # after this it has come to rest, and its look is taken
MOVED_SHARE = 0.3  # of its size, by which the middle of its box must move to have moved
MOVED_FOR_S = 1.0  # shorter is somebody who hides a part of it
SAME_LOOK = 0.5  # of correlation: halfway between another car at the place (about 0) and the same in other light
FRESH_S = 30.0  # a look that is older is taken anew


@dataclass(slots=True)
class Standing:
    """Where a target came to stand, and when. `before_s`: it had stood here for so long when its look was lost."""

    box: Box
    since_s: float
    before_s: float = 0.0
    look: Look | None = None
    _look_s: float | None = None
    _off_s: float | None = None

    def moved(self, at_s: float, box: Box) -> bool:
        """Has it moved off, now that it is seen here?"""
        here, there = self.box.centre, box.centre
        across, along = abs(there.x - here.x), abs(there.y - here.y)
        if across <= MOVED_SHARE * self.box.width and along <= MOVED_SHARE * self.box.height:
            self._off_s = None
        elif self._off_s is None:
            self._off_s = at_s
        return self._off_s is not None and at_s - self._off_s >= MOVED_FOR_S

    def stood_s(self, at_s: float) -> float:
        """For how long it has stood, in all."""
        return self.before_s + at_s - self.since_s

    def parked(self, at_s: float) -> bool:
        """Has it stood for long enough, and has it a look by which it can be known again?"""
        return self.look is not None and self.stood_s(at_s) >= PARKED_S

    def still_there(self, luma: Picture) -> bool:
        """Does its place look as it did?"""
        return self.look is not None and same_look(self.look, luma, self.box)

    def refresh(self, at_s: float, luma: Picture, box: Box) -> None:
        """It was seen in `box` and nothing moves there: this is what it looks like."""
        if at_s - self.since_s < REST_S or (self._look_s is not None and at_s - self._look_s < FRESH_S):
            return
        if self._look_s is None and self.look is None:
            self.box = box  # where it rests; where it braked does not matter any more
        fresh = look_at(luma, self.box)
        self.look, self._look_s = self.look if fresh is None else fresh, at_s


def same_look(look: Look, luma: Picture, box: Box) -> bool:
    """Does this place of the picture look so?"""
    now = look_at(luma, box)
    return now is not None and likeness(look, now) >= SAME_LOOK
