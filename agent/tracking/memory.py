"""Parked vehicles that are not in sight: hidden by a lorry, or the camera was away, or the agent was off.

A detection at the place of one, with its look, is that vehicle, with its number and its time. One with another look is
another vehicle. What nobody comes back to is forgotten.
"""

from dataclasses import dataclass, replace
from enum import Enum

from agent.clock import Moment
from agent.tracking.kinds import kind
from agent.tracking.look import Look, unpacked
from agent.tracking.standing import same_look
from agent.values import Detection, Parked, Picture

KEPT_S = 300.0  # in view of the camera and not found for longer: it has left
SOUGHT_S = 20.0  # for so long the model looks for it, also where nothing moves
SAME_PLACE = 0.5  # intersection over union
DOUBT_S = (
    1.0  # the look is another for longer: it is another vehicle; shorter is a camera that still finds its exposure
)
UNWATCHED_S = 1800.0  # away for longer, it may have left and come back: the time does not count as stood
MOST = 64


class Verdict(Enum):
    """What a detection is to the memory, where it is not a vehicle that is known."""

    UNKNOWN = 0
    DOUBTFUL = 1  # at the place of one; its look is not clear yet


@dataclass(slots=True)
class _Entry:
    parked: Parked
    look: Look
    since_s: float | None = None  # of this tracker's time; None: before its first frame
    doubted_s: float | None = None


class Memory:
    """The vehicles that are not in sight, oldest first."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def keep(self, parked: Parked) -> None:
        """This one is lost from sight."""
        look = unpacked(parked.look)
        if look is not None:
            self._entries = [*self._entries[-MOST + 1 :], _Entry(parked, look)]

    def parked(self) -> tuple[Parked, ...]:
        """All of them."""
        return tuple(entry.parked for entry in self._entries)

    def sought(self, at: Moment) -> tuple[Parked, ...]:
        """Those worth a look of the model, even where nothing moves."""
        return tuple(
            entry.parked for entry in self._entries if entry.since_s is None or at.mono_s - entry.since_s <= SOUGHT_S
        )

    def expire(self, at: Moment) -> None:
        """Forget who did not come back; time counts from the first frame."""
        for entry in self._entries:
            if entry.since_s is None:
                entry.since_s = at.mono_s
        self._entries = [entry for entry in self._entries if at.mono_s - (entry.since_s or 0.0) <= KEPT_S]

    def recall(self, at: Moment, luma: Picture, detection: Detection) -> Parked | Verdict:
        """The vehicle that this detection is, which is then no longer here; or what it may be."""
        for entry in self._entries:
            if not _same_place(entry.parked, detection):
                continue
            if same_look(entry.look, luma, entry.parked.box):
                self._entries.remove(entry)
                return _as_of(entry.parked, at)
            entry.doubted_s = at.mono_s if entry.doubted_s is None else entry.doubted_s
            if at.mono_s - entry.doubted_s < DOUBT_S:
                return Verdict.DOUBTFUL
            self._entries.remove(entry)
            return Verdict.UNKNOWN
        return Verdict.UNKNOWN

    def __len__(self) -> int:
        return len(self._entries)


def away_s(seen: Moment, at: Moment) -> float:
    """For how long it was out of sight and surely stood: 0 where that is not known.

    Within one boot the monotonic clock tells. Over a restart only a wall clock that is right on both sides does.
    """
    if seen.boot_id == at.boot_id:
        away = at.mono_s - seen.mono_s
    elif seen.trusted and at.trusted:
        away = (at.wall_ns - seen.wall_ns) / 1e9
    else:
        return 0.0
    return away if 0.0 <= away <= UNWATCHED_S else 0.0


def _as_of(parked: Parked, at: Moment) -> Parked:
    away = away_s(parked.seen, at)
    return replace(parked, age_s=parked.age_s + away, stood_s=parked.stood_s + away, seen=at)


def _same_place(parked: Parked, detection: Detection) -> bool:
    return kind(parked.label) == kind(detection.label) and parked.box.iou(detection.box) >= SAME_PLACE
