"""What a rule remembers of each track, kept through short losses.

A track that comes back within the tolerance finds its memory again; so does a new track of the same class that
appears close to where one was just lost, for a tracker may give a half-hidden person a new number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from agent.clock import Moment
from agent.rules.geometry import distance
from agent.values import Track

Memory = TypeVar("Memory")
LOSS_S = 2.0
# Above what any tracker gives; the longest lost are forgotten first.
MAX_LOST = 256


@dataclass(slots=True)
class Followed(Generic[Memory]):
    """One thing that is followed: the track as last seen and what a rule knows of it."""

    track: Track
    seen_s: float
    memory: Memory


class Following(Generic[Memory]):
    """Memories by track. `update` gives those of the tracks that are there now, in their order."""

    def __init__(self, make: Callable[[Moment, Track], Memory], loss_s: float = LOSS_S) -> None:
        self._make = make
        self._loss_s = loss_s
        self._present: dict[int, Followed[Memory]] = {}
        self._lost: dict[int, Followed[Memory]] = {}

    def update(self, at: Moment, tracks: tuple[Track, ...]) -> tuple[Followed[Memory], ...]:
        """The tracks of this frame with their memories, made anew for those not known."""
        # Time counts only for what was lost: frames may come slower than the tolerance.
        lost = {id_: one for id_, one in self._lost.items() if at.mono_s - one.seen_s <= self._loss_s}
        known = {**lost, **self._present}
        ids = {track.id for track in tracks}
        gone = {id_: one for id_, one in known.items() if id_ not in ids and at.mono_s - one.seen_s <= self._loss_s}
        present: dict[int, Followed[Memory]] = {}
        for track in tracks:
            one = known.get(track.id)
            if one is None:
                one = self._heir(gone, track) or Followed(track, at.mono_s, self._make(at, track))
            one.track, one.seen_s = track, at.mono_s
            present[track.id] = one
        self._present = present
        self._lost = dict(list(gone.items())[-MAX_LOST:])
        return tuple(present.values())

    def clear(self) -> None:
        """Forget all: a new run of the camera begins."""
        self._present, self._lost = {}, {}

    def __len__(self) -> int:
        return len(self._present) + len(self._lost)

    @staticmethod
    def _heir(lost: dict[int, Followed[Memory]], track: Track) -> Followed[Memory] | None:
        near = [
            (distance(one.track.box.foot, track.box.foot), id_)
            for id_, one in lost.items()
            if one.track.label == track.label
            and distance(one.track.box.foot, track.box.foot) <= 0.5 * max(one.track.box.height, track.box.height)
        ]
        return lost.pop(min(near)[1]) if near else None
