"""Small pictures and tracks in, lasting changes out: once a second, however many frames come."""

from collections import deque
from dataclasses import dataclass, replace

import cv2
import numpy as np

from agent.change.ground import BACK_LOOKS, Ground, Mask, Plane
from agent.change.jolt import Jolts
from agent.change.places import Places
from agent.change.verdict import MOVED_SHARE, Verdicts
from agent.clock import Moment
from agent.edges import edges_of
from agent.median import median
from agent.values import Box, ChangeKind, Motion, Picture, Small, StaticChange, Track

LOOK_S = 1.0
CONFIRM_S = 4.0  # something else is shown for so long, ...
CONFIRM_LOOKS = 3  # ... in so many looks at least: an idle camera gives few
LEAST = 16  # small pixels: 16x16 pixels of a 640x360 picture
LEAST_SIDE = 3
MOST = 32  # open changes; the oldest becomes the ground
ACCEPTED_S = 24 * 3600.0  # so does what has stood for a day
BIG_SHARE = 0.4  # of the picture: light or the camera has changed, not the scene
UPSET_S = 6.0  # and has stayed so
SAME_VIEW = 0.4  # agreement of the edges: the camera still looks the same way
MOVED_BEFORE_S = 10.0  # motion so long before it came to stand has to do with it
SEEN_S, MOST_SEEN = 2.0, 24  # pictures are kept so far apart, the last so many: what was there before
BEFORE_S = 1.5  # what vanishes is there until so long before the ground shows
JOIN_S = 10.0  # pieces that touch and came within so long are one thing
REST = 0.35  # of the largest extent: less left is gone
BACK = 0.7  # share of it where the ground is seen again: it is gone
CLOSE = np.ones((3, 3), np.uint8)


@dataclass(slots=True, eq=False)
class Open:
    """One change that stands. `mask` (rows, columns): the pixels it covers."""

    told: StaticChange
    mask: Mask
    largest: int
    absorbed: bool = False  # the light changed altogether: the ground shows it; it ends when something changes there


class ChangeFinder:
    """One camera's lasting changes. Smaller than about 16x16 of 640x360 pixels is not seen; at most 32 at once.

    `accepted` counts changes that became part of the ground, after a day or for want of room.
    """

    def __init__(self) -> None:
        self._ground: Ground | None = None
        self._key: tuple[int, int] | None = None
        self._places = Places()
        self._jolts = Jolts()
        self._open: list[Open] = []
        self._told: tuple[StaticChange, ...] = ()
        self._moved: Plane | None = None  # when each pixel last moved
        self._seen: deque[tuple[float, Picture]] = deque(maxlen=MOST_SEEN)
        self._looked_s = 0.0
        self._upset_s: float | None = None
        self._next_id = 1
        self.accepted = 0

    def update(self, small: Small, motion: Motion, tracks: tuple[Track, ...]) -> tuple[StaticChange, ...]:
        """The changes that stand as of this frame, oldest first. `small.at` is the time that counts."""
        now_s, key = small.at.mono_s, (small.height, small.width)
        if self._ground is None or self._moved is None or key != self._key:
            self._begin(small)
            return ()
        self._paint(self._moved, motion, now_s)
        self._jolts.see(motion, now_s)
        since_s = now_s - self._looked_s
        if 0.0 <= since_s < LOOK_S:
            return self._told
        self._looked_s = now_s
        if since_s < 0.0:
            self._ground.forget(now_s)
        self._places.update(small.at, tracks)
        self._ground.look(small.luma, now_s, self._owned())
        self._jolts.look(small.luma, now_s)
        if self._upset(self._ground, small):
            return self._told
        if not self._seen or now_s - self._seen[-1][0] >= SEEN_S:
            self._seen.append((now_s, small.luma))
        self._revise(self._ground, small.at)
        self._find(self._ground, self._moved, small.at)
        self._told = tuple(self._tell(one, small.at) for one in self._open)
        return self._told

    def reset(self) -> None:
        """The time line broke. The ground and what stands on it stay known: the camera hangs where it hung."""
        self._places.clear()
        self._jolts.clear()
        self._seen.clear()
        self._upset_s = None
        if self._ground is not None:
            self._ground.forget(self._looked_s)

    def _begin(self, small: Small) -> None:
        self._key, self._looked_s = (small.height, small.width), small.at.mono_s
        self._ground = Ground(small.luma, self._looked_s)
        self._moved = np.full(small.luma.shape, -1e9, np.float32)
        self._open, self._told = [], ()
        self._seen.clear()

    def _owned(self) -> Mask:
        assert self._moved is not None
        owned = np.zeros(self._moved.shape, np.bool_)
        for one in self._open:
            if not one.absorbed:
                owned |= one.mask
        return owned

    @staticmethod
    def _paint(moved: Plane, motion: Motion, now_s: float) -> None:
        rows, columns = moved.shape
        for box in motion.boxes:
            top, bottom = max(int(box.top * rows) - 1, 0), int(box.bottom * rows) + 2
            moved[top:bottom, max(int(box.left * columns) - 1, 0) : int(box.right * columns) + 2] = now_s

    def _upset(self, ground: Ground, small: Small) -> bool:
        """Most of the picture is another. When that stays, the ground is learnt anew.

        What stood still stands if the camera looks the same way; then it is part of the new ground.
        """
        if np.count_nonzero(ground.differs) < BIG_SHARE * ground.differs.size:
            self._upset_s = None
            return False
        now_s = small.at.mono_s
        self._upset_s = now_s if self._upset_s is None else self._upset_s
        if now_s - self._upset_s < UPSET_S:
            return True
        if same_view(ground.scene, small.luma):
            for one in self._open:
                one.absorbed = True
        else:
            self._open, self._told = [], ()
        ground.begin(small.luma, now_s)
        self._upset_s = None
        return True

    def _revise(self, ground: Ground, at: Moment) -> None:
        kept: list[Open] = []
        for one in self._open:
            if not one.absorbed:
                one.mask = one.mask & (ground.back < BACK_LOOKS)
                left = np.count_nonzero(one.mask)
                seen = np.count_nonzero(one.mask & (ground.back >= 2))
                if left < max(REST * one.largest, LEAST / 2) or seen >= BACK * left:
                    continue
            if at.mono_s - one.told.since.mono_s >= ACCEPTED_S:
                self._accept(ground, one)
                continue
            kept.append(one)
        self._open = kept

    def _find(self, ground: Ground, moved: Plane, at: Moment) -> None:
        lasting = ground.lasting(CONFIRM_S, CONFIRM_LOOKS) & ~self._owned()
        if np.count_nonzero(lasting) < LEAST:
            return
        closed = cv2.morphologyEx(lasting.astype(np.uint8), cv2.MORPH_CLOSE, CLOSE)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8, ltype=cv2.CV_16U)
        order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:MOST] + 1
        verdicts = Verdicts(ground.scene, ground.shown)
        for piece in order:
            _, _, across, down, area = (int(value) for value in stats[piece])
            if area < LEAST or min(across, down) < LEAST_SIDE:
                continue
            mask = (labels == piece) & lasting
            if np.count_nonzero(mask) < LEAST - LEAST // 4:
                continue  # specks, with much between them
            begun_s = median(ground.begun[mask])
            before = (picture for at_s, picture in reversed(self._seen) if at_s <= begun_s - BEFORE_S)
            kind = verdicts.kind(mask, before)
            stirred = np.count_nonzero(moved[mask] >= begun_s - MOVED_BEFORE_S)
            if kind is None or stirred < MOVED_SHARE * np.count_nonzero(mask) or self._jolts.near(begun_s):
                ground.accept(mask)
            elif not self._ends_absorbed(ground, mask) and not self._joined(mask, kind, begun_s):
                self._add(ground, mask, self._new(kind, mask, at, begun_s))

    def _ends_absorbed(self, ground: Ground, mask: Mask) -> bool:
        """Something changed where a thing stands that the ground shows: it is gone."""
        box = box_of(mask)
        for one in self._open:
            if one.absorbed and one.told.box.iou(box) >= 0.5:
                self._open.remove(one)
                ground.accept(mask)
                return True
        return False

    def _joined(self, mask: Mask, kind: ChangeKind, begun_s: float) -> bool:
        near = cv2.dilate(mask.astype(np.uint8), CLOSE, iterations=2).astype(bool)
        for one in self._open:
            told = one.told
            if told.kind is kind and abs(told.since.mono_s - begun_s) <= JOIN_S and np.any(one.mask & near):
                one.mask = one.mask | mask
                one.largest = int(np.count_nonzero(one.mask))
                one.told = replace(told, box=box_of(one.mask))
                return True
        return False

    def _new(self, kind: ChangeKind, mask: Mask, at: Moment, begun_s: float) -> StaticChange:
        self._next_id += 1
        return StaticChange(self._next_id - 1, kind, box_of(mask), at.shifted(begun_s - at.mono_s), 0.0)

    def _add(self, ground: Ground, mask: Mask, told: StaticChange) -> None:
        if len(self._open) >= MOST:
            self._accept(ground, self._open.pop(0))
        self._open.append(Open(told, mask, int(np.count_nonzero(mask))))

    def _accept(self, ground: Ground, one: Open) -> None:
        ground.accept(one.mask)
        self.accepted += 1

    def _tell(self, one: Open, at: Moment) -> StaticChange:
        told = one.told
        box = told.box if one.absorbed else box_of(one.mask)
        if told.track is not None and self._places.walked_off(told.track, box, at.mono_s):
            told = replace(told, label=None, track=None)
        if told.kind is ChangeKind.APPEARED:
            place = self._places.standing(box, at.mono_s)
        else:
            place = self._places.stood(box, told.since.mono_s) if told.track is None else None
        label, track = (place.label, place.track) if place is not None else (told.label, told.track)
        if box.area < 0.5 * told.box.area:
            label, track = (place.label, place.track) if place is not None else (None, None)  # the rest is another
        one.told = replace(told, box=box, label=label, track=track, stood_s=at.mono_s - told.since.mono_s)
        return one.told


def box_of(mask: Mask) -> Box:
    """The smallest box around the pixels of `mask`, of which there is at least one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return Box(
        float(columns[0] / width), float(rows[0] / height), float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )  # fmt: skip


def same_view(scene: Plane, luma: Picture) -> bool:
    """Do the edges still lie where they lay? Then only the light is another."""
    before, now = edges_of(np.clip(scene, 0.0, 255.0).astype(np.uint8)), edges_of(luma)
    norm = float(np.sqrt(before.energy().sum() * now.energy().sum()))
    return norm > 0.0 and float(before.shared(now).sum()) >= SAME_VIEW * norm
