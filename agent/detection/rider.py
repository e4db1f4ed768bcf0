"""A motorbike or bicycle with whoever rides it is one thing: one detection with the vehicle's label around both.

A pair is told from somebody beside a parked one by where the feet are (a rider's are above the wheels' lower edge; who
walks in front stands lower) and by what moves (behind a parked one only the walker moves, its wheels do not). A pair
seen a moment ago helps when the model finds only one of the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.clock import Moment
from agent.values import Box, Detection, Motion

CYCLES = frozenset({"motorcycle", "bicycle"})
ASIDE = 0.35  # of the vehicle's width: how far the rider's middle may be from its own
HEIGHTS = (0.5, 2.2)  # of the rider, in heights of the vehicle
FEET = (0.3, 0.97)  # of the vehicle's height, from its top: where the rider's box ends
ABOVE = 0.25  # of the rider's height is above the vehicle at least
WHEELS = 1 / 3  # of the vehicle's height, from below
TURNING = 0.5  # of that part moves
MEMORY_S = 0.7
NEAR = 0.3  # of its sides, by which a pair may have moved since
INSIDE = 0.7  # of a box that lies in the place of such a pair


@dataclass(frozen=True, slots=True)
class _Pair:
    seen_s: float
    label: str
    whole: Box
    person: Box
    cycle: Box


class Riders:
    """Joins riders with what they ride. One camera each."""

    def __init__(self) -> None:
        self._pairs: list[_Pair] = []

    def reset(self) -> None:
        """The time line broke."""
        self._pairs.clear()

    def join(self, at: Moment, detections: Sequence[Detection], motion: Motion) -> tuple[Detection, ...]:
        """`detections` with each moving pair as one, best first; all others as they are."""
        now_s = at.mono_s
        self._pairs = [pair for pair in self._pairs if 0.0 <= now_s - pair.seen_s <= MEMORY_S]
        cycles = [each for each in detections if each.label in CYCLES]
        rest, result = [each for each in detections if each.label not in CYCLES], list[Detection]()
        for cycle in cycles:
            fitting = [each for each in rest if each.label == "person" and rides(each.box, cycle.box)]
            if not fitting or not _turning(cycle.box, motion):
                result.append(self._completed(cycle, motion))
                continue
            person = min(fitting, key=lambda each: abs(each.box.centre.x - cycle.box.centre.x))
            rest.remove(person)
            whole = person.box.union(cycle.box)
            result.append(Detection(whole, cycle.label, max(person.score, cycle.score)))
            self._pairs.append(_Pair(now_s, cycle.label, whole, person.box, cycle.box))
        result += [self._completed(each, motion) if each.label == "person" else each for each in rest]
        return tuple(sorted(result, key=lambda each: -each.score))

    def _completed(self, found: Detection, motion: Motion) -> Detection:
        """One of a pair seen a moment ago, whose other half was not found now: the whole pair where it is now."""
        for pair in reversed(self._pairs):
            half = pair.person if found.label == "person" else pair.cycle
            place = _enlarged(half)
            alike = 0.6 <= found.box.height / max(half.height, 1e-6) <= 1.6
            if alike and found.box.overlap(place) >= INSIDE * found.box.area and _moving(found.box, motion):
                return Detection(_carried(found.box, half, pair.whole), pair.label, found.score)
        return found


def rides(person: Box, cycle: Box) -> bool:
    """Do the two boxes lie as those of a rider and what is ridden?"""
    if cycle.height <= 0.0 or person.height <= 0.0:
        return False
    feet = (person.bottom - cycle.top) / cycle.height
    return (
        abs(person.centre.x - cycle.centre.x) <= ASIDE * cycle.width
        and HEIGHTS[0] <= person.height / cycle.height <= HEIGHTS[1]
        and FEET[0] <= feet <= FEET[1]
        and cycle.top - person.top >= ABOVE * person.height
    )


def _turning(cycle: Box, motion: Motion) -> bool:
    wheels = Box(cycle.left, cycle.bottom - WHEELS * cycle.height, cycle.right, cycle.bottom)
    return _moving(wheels, motion)


def _moving(box: Box, motion: Motion) -> bool:
    return sum(box.overlap(other) for other in motion.boxes) >= TURNING * box.area


def _enlarged(box: Box) -> Box:
    x, y = NEAR * box.width, NEAR * box.height
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y)


def _carried(now: Box, then: Box, whole: Box) -> Box:
    """`whole` moved as `then` moved to `now`; it still holds `now`."""
    x, y = now.centre.x - then.centre.x, now.centre.y - then.centre.y
    return Box(whole.left + x, whole.top + y, whole.right + x, whole.bottom + y).union(now).clipped()
