"""Where to look: motion and tracks become a few looks at parts of the picture, those first that tell most.

Comes in: motion boxes, the tracks where they should be now, the picture's shape and how many looks are allowed. Goes
out: a `Plan`. A want is a place that should be looked at; it grows stale with time, and less so when a look shows it in
enough pixels for the model (`lens.py`). `squares.py` proposes regions around neighbouring wants; those are taken whose
stale wants, by how clearly they are shown, sum to most. Nothing moving and nobody known means nowhere to look.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agent.clock import Moment
from agent.detection.barren import LONGEST_S, Barren
from agent.detection.lens import Lens, Numbers
from agent.detection.squares import proposed, smallest_side
from agent.values import Box, Motion, Track

LARGER = 6.0  # a track of more than this many times the area of a movement does not explain it
RELOOK_S = 1.0  # a known object that stands still is looked at this often ...
STOOD_S = 15.0  # ... until it has stood for this long: nothing leaves unseen, because leaving is motion
STOOD_RELOOK_S = 100.0
UNWANTED_S = 8.0  # what no rule asks for is looked at no more often than this, when it moves ...
UNWANTED_STILL_S = 30.0  # ... and when it does not
UNWANTED_NEW_S = 1.0  # the same while it is not sure yet: it may turn out to be somebody else
NEW_S = 1.0  # movement never looked at is as urgent as somebody whom nobody has looked at for so long
TOO_SMALL_S = 2.0  # movement too small for the model is looked at this often: it may be a part of somebody
TENTATIVE = 1.5  # a target that is not sure yet is that many times as urgent as one that is
MOVED_SHARE = 0.05  # of a track's box moves: it may go on
BETTER = 0.3  # a further look in the same frame must show somebody more clearly by this
COVERED = 0.95  # of a want inside a region: it was looked at
MOSTLY = 0.6  # of a movement inside a region: it need not be looked at again because it grew a little
AS_TELLING = 0.97  # of what the most telling look tells
MAX_WANTS = 24  # places considered, most urgent first
MAX_LOOKS = 128  # remembered, to tell where movement was looked at
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Look:
    """One run of the model. `share`: of the sides of its input, as much as shows everybody there; see `Lens.share`."""

    region: Box
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look at, most telling first. `refused`: further looks that were worth it and not allowed."""

    looks: tuple[Look, ...] = ()
    refused: int = 0

    @property
    def regions(self) -> tuple[Box, ...]:
        """Where they are."""
        return tuple(look.region for look in self.looks)


@dataclass(slots=True)
class _Known:
    # What the chooser remembers of a track.
    looked_s: float
    stale_s: float  # since the last look, and what is left of the time before it when that look was not clear
    moved_s: float


@dataclass(frozen=True, slots=True)
class _Want:
    box: Box
    urgent_s: float
    track: int | None = None


class RegionChooser:
    """Chooses looks and remembers when each place was last looked at. One camera each.

    At most `limit` looks per frame, for a model that sees as `lens` says. `wanted`: does any rule ask for that label?
    """

    def __init__(self, limit: int, lens: Lens | None = None, wanted: Callable[[str], bool] = lambda _label: True):
        self._limit = limit
        self._lens = lens or Lens()
        self._wanted = wanted
        self._barren = Barren()
        self._known: dict[int, _Known] = {}
        self._looks: deque[tuple[float, Box]] = deque(maxlen=MAX_LOOKS)  # oldest first
        self._last_s: float | None = None

    def reset(self) -> None:
        """Forget the looks: the time line broke. Which movement is barren stays known."""
        self._known.clear()
        self._looks.clear()
        self._last_s = None

    def choose(
        self, at: Moment, motion: Motion, tracks: tuple[Track, ...], shape: tuple[int, int], allowed: int = 16
    ) -> Plan:
        """What to look at now. `shape` is the picture's (height, width) in pixels; `allowed` is what is left to spend.

        Its looks must be taken: they count as taken.
        """
        now_s = at.mono_s
        self._barren.learn([track for track in tracks if self._wanted(track.label)])
        wants = [*self._known_wants(now_s, motion, tracks), *self._new_wants(now_s, motion, tracks, shape)]
        wants = sorted(wants, key=lambda want: (-want.urgent_s, want.box.left, want.box.top))[:MAX_WANTS]
        # While nothing is known of the scene, whoever already walks (or stands) there must be found.
        looks = [] if motion.ready else [WHOLE]
        looks += self._telling(wants, self._limit - len(looks), shape)
        worth, allowed = len(looks), max(allowed, 0)
        if worth > allowed:
            looks = self._telling(wants, allowed, shape) if motion.ready else looks[:allowed]
        there = [*(want.box for want in wants), *(track.box.clipped() for track in tracks)]
        plan = Plan(tuple(self._look(look, there, motion, shape) for look in looks), max(worth - len(looks), 0))
        self._note(now_s, plan, wants, shape)
        return plan

    def _known_wants(self, now_s: float, motion: Motion, tracks: tuple[Track, ...]) -> list[_Want]:
        passed_s = max(now_s - self._last_s, 0.0) if self._last_s is not None else 0.0
        self._last_s = now_s
        known, wants = {}, []
        for track in tracks:
            seen_s = track.last_seen.mono_s
            mine = self._known.get(track.id) or _Known(seen_s, max(now_s - seen_s - passed_s, 0.0), now_s)
            mine.stale_s += passed_s
            self._known[track.id] = known[track.id] = mine
            box = track.box.clipped()
            moving = sum(box.overlap(other) for other in motion.boxes) > MOVED_SHARE * box.area
            if moving:
                mine.moved_s = now_s
            if box.area > 0.0 and now_s - mine.looked_s >= self._rest_s(now_s, track, moving):
                wants.append(_Want(box, mine.stale_s * (1.0 if track.confirmed else TENTATIVE), track.id))
        self._known = known
        return wants

    def _rest_s(self, now_s: float, track: Track, moving: bool) -> float:
        """How long after a look a track need not be looked at."""
        mine, wanted = self._known[track.id], self._wanted(track.label)
        if not track.confirmed:
            return 0.0 if wanted else UNWANTED_NEW_S
        if moving:
            return 0.0 if wanted else UNWANTED_S
        found = track.last_seen.mono_s >= mine.looked_s  # the last look was not in vain
        if found and now_s - mine.moved_s >= STOOD_S:
            return STOOD_RELOOK_S
        return RELOOK_S if wanted else UNWANTED_STILL_S

    def _new_wants(
        self, now_s: float, motion: Motion, tracks: tuple[Track, ...], shape: tuple[int, int]
    ) -> list[_Want]:
        wants, claimed = [], [box for track in tracks if (box := track.box.clipped()).area > 0.0]
        for box in motion.boxes:
            explained = sum(box.overlap(other) for other in claimed if other.area <= LARGER * box.area)
            waited_s = self._waited_s(now_s, box)
            rest_s = max(self._barren.rest_s(now_s, box), 0.0 if self._may_show(box, shape) else TOO_SMALL_S)
            if explained < 0.5 * box.area and waited_s >= rest_s:
                wants.append(_Want(box, min(waited_s, NEW_S)))
        return wants

    def _may_show(self, box: Box, shape: tuple[int, int]) -> bool:
        """Is it large enough to be recognised in the closest look?"""
        closest_px = smallest_side(*shape)
        return self._lens.shows(math.sqrt(box.area * shape[0] * shape[1]), closest_px)

    def _waited_s(self, now_s: float, box: Box) -> float:
        for then_s, look in reversed(self._looks):
            if now_s - then_s > LONGEST_S:
                break  # nothing rests longer
            if box.overlap(look) >= MOSTLY * box.area:
                return now_s - then_s
        return math.inf

    def _telling(self, wants: list[_Want], limit: int, shape: tuple[int, int]) -> list[Box]:
        # Greedy maximum coverage: at least 1 - 1/e of the best choice (Nemhauser, Wolsey & Fisher 1978).
        if not wants or limit <= 0:
            return []
        height, width = shape
        boxes = np.array([(want.box.left, want.box.top, want.box.right, want.box.bottom) for want in wants])
        boxes *= (width, height, width, height)
        urgent = np.array([want.urgent_s for want in wants])
        sizes = np.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
        squares = proposed(boxes, width, height)
        inside = (boxes[None, :, :2] >= squares[:, None, :2]) & (boxes[None, :, 2:] <= squares[:, None, 2:])
        across, down = squares[:, 2:3] - squares[:, 0:1], squares[:, 3:4] - squares[:, 1:2]
        clear = np.where(inside.all(axis=2), self._lens.clearness(sizes[None], across, down), 0.0)
        areas = (across * down)[:, 0]
        seen, looks, shown = np.zeros(len(wants)), list[Box](), list[Numbers]()
        while len(looks) < limit:
            better = np.maximum(clear - seen, 0.0)
            worth = better @ urgent
            # A run costs the same however much it shows: of looks that tell as much, the one that shows most.
            best = int(np.argmax(np.where(worth >= AS_TELLING * worth.max(), areas, 0.0)))
            gain = better[best]
            if gain.max() <= (BETTER if looks else 0.0):
                break
            left, top, right, bottom = squares[best].tolist()
            looks.append(Box(left / width, top / height, right / width, bottom / height))
            shown.append(clear[best])
            seen = np.maximum(seen, clear[best])
        return _needed(looks, shown)

    def _look(self, region: Box, there: list[Box], motion: Motion, shape: tuple[int, int]) -> Look:
        # Also whom nobody wants now: a look in which they are too small to be found would tell that they left.
        sizes = [math.sqrt(box.area) for box in there if box.area > 0.0 and box.overlap(region) >= 0.5 * box.area]
        if not motion.ready or not sizes:
            return Look(region)
        height, width = shape
        smallest_px = min(sizes) * math.sqrt(height * width)
        return Look(region, self._lens.share(smallest_px, region.width * width, region.height * height))

    def _note(self, now_s: float, plan: Plan, wants: list[_Want], shape: tuple[int, int]) -> None:
        self._looks.extend((now_s, region) for region in plan.regions)
        for want in wants:
            clear = max((self._clearness(want.box, region, shape) for region in plan.regions), default=0.0)
            if clear == 0.0:
                continue
            if want.track is None:
                self._barren.looked(now_s, want.box)
            else:
                mine = self._known[want.track]
                mine.looked_s = now_s
                mine.stale_s *= 1.0 - clear

    def _clearness(self, box: Box, region: Box, shape: tuple[int, int]) -> float:
        if box.overlap(region) < COVERED * box.area:
            return 0.0
        height, width = shape
        size_px, across_px, down_px = math.sqrt(box.area * height * width), region.width * width, region.height * height
        return float(self._lens.clearness(np.array(size_px), np.array(across_px), np.array(down_px)))


def _needed(looks: list[Box], shown: list[Numbers]) -> list[Box]:
    """Without those first looks of which later, closer ones show all as well."""
    kept = list(range(len(looks)))
    for one in range(len(looks) - 1):
        others = [shown[other] for other in kept if other != one]
        if others and (shown[one] - np.max(others, axis=0)).max() <= 0.0:
            kept.remove(one)
    return [looks[one] for one in kept]
