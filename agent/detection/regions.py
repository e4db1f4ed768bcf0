"""Where to look: motion and tracks become a few square crops of the picture, at most so many per frame.

Comes in: motion boxes, the tracks where they should be now, the picture's shape and a limit. Goes out: regions, 0..1,
never more than the limit. What has waited longest comes first, so that everything gets its turn. Nothing moving and
nobody known means nowhere to look.
"""

import math
from dataclasses import dataclass

from agent.clock import Moment
from agent.values import Box, Motion, Track

MIN_SIDE = 0.45  # of the picture's height: objects then fill the part of a crop that detectors are trained on
MIN_SIDE_PX = 200  # less is only blown-up pixels
MARGIN = 0.15  # of the target's larger side, around it
ROOMY = 1.25  # two targets share a crop while it stays within this many smallest sides
SIMILAR = 1.5  # beyond that, two share one within this many sides of the smaller: small things stay visible
LARGER = 6.0  # a track of more than this many times the area of a movement does not explain it
RELOOK_S = 1.0  # a known object that stands still is looked at this often ...
STOOD_S = 15.0  # ... until it has stood for this long: nothing leaves unseen, because leaving is motion
STOOD_RELOOK_S = 100.0
BARREN_S = 0.25  # movement that nobody was found in is looked at this often: a waving branch, a shadow
MAX_WANTS = 32  # places considered, most urgent first
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Want:
    """One place to look at, in pixels, and how urgent that is: seconds since the last look."""

    left: float
    top: float
    right: float
    bottom: float
    urgency: float

    def side_with(self, other: "_Want") -> float:
        return max(
            max(self.right, other.right) - min(self.left, other.left),
            max(self.bottom, other.bottom) - min(self.top, other.top),
        )

    def joined(self, other: "_Want") -> "_Want":
        return _Want(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            max(self.urgency, other.urgency) + 0.1 * min(self.urgency, other.urgency),
        )

    @property
    def side(self) -> float:
        return self.side_with(self)


class RegionChooser:
    """Chooses regions and remembers when each place was last looked at. One camera each."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._looks: list[tuple[float, Box]] = []  # the last seconds' looks, oldest first
        self._moved_s: dict[int, float] = {}  # when something last moved at each track

    def reset(self) -> None:
        """Forget the looks: the time line broke."""
        self._looks.clear()
        self._moved_s.clear()

    def choose(self, at: Moment, motion: Motion, tracks: tuple[Track, ...], shape: tuple[int, int]) -> tuple[Box, ...]:
        """At most `limit` regions, most urgent first. `shape` is the picture's (height, width) in pixels."""
        now_s = at.mono_s
        self._looks = [look for look in self._looks if 0.0 <= now_s - look[0] < 2 * STOOD_RELOOK_S]
        height, width = shape
        smallest = min(max(MIN_SIDE * height, MIN_SIDE_PX), height, width)
        wants = self._wants(now_s, motion, tracks, (width, height))
        wants = _shared(wants, ROOMY * smallest)
        wants.sort(key=lambda want: (-want.urgency, want.left, want.top))
        chosen = [_square(want, smallest, width, height) for want in wants[: self._limit]]
        if not motion.ready:
            # Nothing is known of the scene yet: whoever already walks (or stands) there must be found.
            chosen = [WHOLE, *chosen][: self._limit]
        self._looks += [(now_s, box) for box in chosen]
        return tuple(chosen)

    def _wants(self, now_s: float, motion: Motion, tracks: tuple[Track, ...], size: tuple[int, int]) -> list[_Want]:
        width, height = size
        wants: list[_Want] = []
        claimed: list[Box] = []
        self._moved_s = {track.id: self._moved_s.get(track.id, now_s) for track in tracks}
        for track in tracks:
            box = track.box.clipped()
            if box.area <= 0.0:
                continue
            claimed.append(box)
            waited_s = self._waited_s(now_s, box)
            moving = any(box.overlap(other) > 0 for other in motion.boxes)
            if moving:
                self._moved_s[track.id] = now_s
            if moving or not track.confirmed or waited_s >= self._relook_s(now_s, track, waited_s):
                wants.append(_want(box, width, height, waited_s))
        for box in motion.boxes:
            waited_s = self._waited_s(now_s, box)
            known = sum(box.overlap(other) for other in claimed if other.area <= LARGER * box.area)
            if waited_s >= BARREN_S and known < 0.5 * box.area:
                wants.append(_want(box, width, height, waited_s))
        return sorted(wants, key=lambda want: -want.urgency)[:MAX_WANTS]

    def _relook_s(self, now_s: float, track: Track, waited_s: float) -> float:
        found = now_s - track.last_seen.mono_s <= waited_s  # the last look was not in vain
        return STOOD_RELOOK_S if found and now_s - self._moved_s[track.id] >= STOOD_S else RELOOK_S

    def _waited_s(self, now_s: float, box: Box) -> float:
        for then_s, look in reversed(self._looks):
            if box.overlap(look) >= 0.8 * box.area:
                return now_s - then_s
        return 2 * STOOD_RELOOK_S


def _want(box: Box, width: int, height: int, urgency: float) -> _Want:
    left, right, top, bottom = box.left * width, box.right * width, box.top * height, box.bottom * height
    margin = MARGIN * max(right - left, bottom - top)
    return _Want(left - margin, top - margin, right + margin, bottom + margin, urgency)


def _shared(wants: list[_Want], roomy: float) -> list[_Want]:
    """Neighbours share a crop while it stays small; the pair that needs least room goes first."""
    wants = list(wants)
    while True:
        pairs = [
            (one.side_with(other), i, j)
            for i, one in enumerate(wants)
            for j, other in enumerate(wants[:i])
            if one.side_with(other) <= max(roomy, min(one.side, other.side) * SIMILAR)
        ]
        if not pairs:
            return wants
        _, i, j = min(pairs)
        joined = wants[i].joined(wants[j])
        wants = [want for k, want in enumerate(wants) if k not in (i, j)] + [joined]


def _square(want: _Want, smallest: float, width: int, height: int) -> Box:
    side = max(smallest, want.side)
    across, down = min(math.ceil(side), width), min(math.ceil(side), height)
    left = min(max((want.left + want.right - across) / 2, 0.0), width - across)
    top = min(max((want.top + want.bottom - down) / 2, 0.0), height - down)
    left, top = math.floor(left), math.floor(top)
    return Box(left / width, top / height, (left + across) / width, (top + down) / height)
