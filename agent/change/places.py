"""Where tracks stand or stood: who knows what a lasting change is."""

from dataclasses import dataclass

from agent.clock import Moment
from agent.config.labels import PERSON
from agent.values import Box, Track

STANDS_S = 1.0
MOVED = 0.3  # of its own size: it is no longer in the same place
KEPT_S = 60.0  # after it was last there
MOST = 64
COVERS = 0.5  # share of a change that lies within a track's box ...
ALIKE = 0.25  # ... which must not be much larger: intersection over union
GONE_S = 8.0  # not seen for so long where people are looked for each second: that person has gone
LATE_S = 15.0  # a detector may be late, and a track may end before the thing that it followed leaves


@dataclass(slots=True)
class Place:
    """One track's stay in one place."""

    track: int
    label: str
    box: Box
    from_s: float
    until_s: float
    left: bool = False  # it was seen elsewhere later

    @property
    def stands(self) -> bool:
        """Long enough to be no passer-by."""
        return self.until_s - self.from_s >= STANDS_S


class Places:
    """The stays of the last minutes, at most 64."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def update(self, at: Moment, tracks: tuple[Track, ...]) -> None:
        """The tracks as of this look."""
        now_s = at.mono_s
        newest = {place.track: place for place in self._places}
        for track in tracks:
            if not track.confirmed:
                continue
            place = newest.get(track.id)
            if place is not None and not _moved(place.box, track.box):
                place.until_s, place.label = now_s, track.label
            else:
                if place is not None:
                    place.left = True
                self._places.append(Place(track.id, track.label, track.box, now_s, now_s))
        kept = [one for one in self._places if one.until_s == now_s or (one.stands and now_s - one.until_s < KEPT_S)]
        self._places = kept[-MOST:]

    def standing(self, box: Box, now_s: float) -> Place | None:
        """Who stands in `box` now, or stood there a moment ago and was not seen to walk off."""
        here = (one for one in self._places if one.stands and now_s - one.until_s <= LATE_S)
        return _best(box, [one for one in here if one.label not in PERSON or not (one.left or _gone(one, now_s))])

    def walked_off(self, track: int, box: Box, now_s: float) -> bool:
        """Did that person stand in `box`, and was seen elsewhere later or is not seen any more, as who gets into a car?
        What stands there now is something else.
        """
        mine = [one for one in self._places if one.track == track and one.label in PERSON]
        if not any(one.box.overlap(box) > 0.0 for one in mine):
            return False
        return _gone(mine[-1], now_s) or (any(one.left for one in mine) and mine[-1].box.overlap(box) == 0.0)

    def stood(self, box: Box, at_s: float) -> Place | None:
        """Who stood in `box` until about `at_s`."""
        return _best(box, [one for one in self._places if one.stands and abs(one.until_s - at_s) <= LATE_S])

    def clear(self) -> None:
        """Forget all."""
        self._places = []


def _best(box: Box, places: list[Place]) -> Place | None:
    fitting = [one for one in places if one.box.overlap(box) >= COVERS * box.area and one.box.iou(box) >= ALIKE]
    return max(fitting, key=lambda one: one.box.iou(box), default=None)


def _gone(last: Place, now_s: float) -> bool:
    return now_s - last.until_s > GONE_S


def _moved(anchor: Box, box: Box) -> bool:
    dx, dy = box.centre.x - anchor.centre.x, box.centre.y - anchor.centre.y
    return abs(dx) > MOVED * anchor.width or abs(dy) > MOVED * anchor.height
