"""The walk test: who is in the picture, how tall, how far, and the farthest somebody was followed.

Distances are a pinhole camera's: somebody as tall as the sight says stands upright in the middle of the picture. They
are told only for people, and only where the lens was told. Pure but for what it remembers of one camera.
"""

from dataclasses import dataclass

from agent.installer.doors import LiveView
from agent.installer.setup.doors import Sight
from agent.values import Track

PERSON = "person"
CUT = 0.01  # a box that touches the picture's edge shows only a part of somebody: no distance
MOST_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A track in one picture. `distance_m` only where it can be told."""

    track: Track
    height_px: int
    distance_m: float | None


class Walk:
    """Of one camera."""

    def __init__(self) -> None:
        self.on = False
        self.sight: Sight | None = None
        self.farthest: Seen | None = None
        self._people: set[int] = set()

    @property
    def people(self) -> int:
        """How many were followed since it began."""
        return len(self._people)

    def begin(self, sight: Sight | None) -> None:
        """Anew: what was seen before is forgotten."""
        self.on, self.sight, self.farthest, self._people = True, sight, None, set()

    def end(self) -> None:
        """The farthest stays to be read."""
        self.on = False

    def seen(self, view: LiveView) -> tuple[Seen, ...]:
        """Everybody in one picture."""
        found = tuple(self._of(track, view.frame.height) for track in view.tracks)
        if self.on:
            for one in found:
                self._remember(one)
        return found

    def _of(self, track: Track, rows: int) -> Seen:
        tall = (track.box.bottom - track.box.top) * rows
        whole = track.box.top > CUT and track.box.bottom < 1 - CUT
        metres = None
        if self.sight is not None and track.label == PERSON and whole and tall >= 1:
            metres = round(self.sight.focal_px * self.sight.person_m / tall, 1)
        return Seen(track, round(tall), metres)

    def _remember(self, one: Seen) -> None:
        if one.track.label != PERSON or not one.track.confirmed:
            return
        if len(self._people) < MOST_PEOPLE:
            self._people.add(one.track.id)
        if self.farthest is None or one.height_px < self.farthest.height_px:
            self.farthest = one
