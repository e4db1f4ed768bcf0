"""Who is in a zone and since when. A foot at the edge does not flicker: in is in, out is clearly out."""

from dataclasses import dataclass

from agent.clock import Moment
from agent.rules.following import LOSS_S, Following
from agent.rules.geometry import foot_of, inside, margin_of, still_inside
from agent.values import Box, Point, Track


@dataclass(slots=True)
class Stay:
    """One thing's time in the zone. `key` stays the same when the track gets a new number."""

    key: int
    entered_s: float
    left_s: float | None  # None: it is inside
    anchor: Box  # parking: where it came to stand
    anchor_s: float
    off_anchor_s: float | None = None
    before_s: float = 0.0  # parking: it stood here for so long before this stay, as over a restart


@dataclass(frozen=True, slots=True)
class Present:
    """A track that is in the zone now."""

    track: Track
    stay: Stay
    dwell_s: float


class Zone:
    """Follows tracks through a polygon; None is the whole picture."""

    def __init__(self, polygon: tuple[Point, ...] | None, loss_s: float = LOSS_S) -> None:
        self._polygon = polygon
        self._loss_s = loss_s
        self._next_key = 0
        self._following: Following[Stay] = Following(self._new_stay, loss_s)

    def update(self, at: Moment, tracks: tuple[Track, ...]) -> tuple[Present, ...]:
        """Those inside now. A step outside shorter than the tolerance does not begin a new stay."""
        present = []
        for one in self._following.update(at, tracks):
            stay = one.memory
            if self._holds(one.track, stay.left_s is None):
                if stay.left_s is not None and at.mono_s - stay.left_s > self._loss_s:
                    self._next_key += 1
                    if at.mono_s > stay.anchor_s:
                        stay.before_s = 0.0  # it came in later; nobody knows whether it stood inside before
                    stay.key, stay.entered_s = self._next_key, at.mono_s
                stay.left_s = None
                present.append(Present(one.track, stay, at.mono_s - stay.entered_s))
            elif stay.left_s is None:
                stay.left_s = at.mono_s
        return tuple(present)

    def clear(self) -> None:
        """Forget all."""
        self._following.clear()

    def _holds(self, track: Track, was_inside: bool) -> bool:
        if self._polygon is None:
            return True
        foot = foot_of(track.box)
        if was_inside:
            return still_inside(self._polygon, foot, margin_of(track.box))
        return inside(self._polygon, foot)

    def _new_stay(self, at: Moment, track: Track) -> Stay:
        self._next_key += 1
        # Not inside until `update` has looked; so long ago that its first entry begins a stay.
        return Stay(
            self._next_key,
            at.mono_s,
            at.mono_s - self._loss_s - 1.0,
            track.box,
            at.mono_s,
            before_s=track.stood_before_s,
        )
