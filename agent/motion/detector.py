"""Small pictures in, Motion out: boxes around what moves, largest first.

Small luma against a running-average scene. Connected pixels that differ are a *piece*. A piece is motion when enough of
it is more than light and swaying (`evidence.py`), when something differed there in the pictures before too, and when it
still changes: what differs and stands still is a ghost, a lamp, or has stopped. A light switched on or off makes the
whole picture differ; then the scene is learnt anew.

So a picture is *judged*. Most are not: what moved goes on as it went, and is judged again the sooner the less is known
of it.
"""

import math

import cv2
import numpy as np

from agent.motion.background import Background
from agent.motion.boxes import Speed, carried, merged, speeds
from agent.motion.clutter import Clutter
from agent.motion.pieces import BEFORE, CHANGED, DIFFERS, LIVE, PROVEN, Pieces, boxes_of, cells_of, pieces, plane
from agent.values import Box, Motion, Picture, Small

LEARN_S = 0.5  # until then the scene is the first picture and `ready` is False
LEARN_FRAMES = 3
SWITCH_SHARE = 0.4  # more of the picture differs than passers-by can cover: the light, or the camera, changed
MIN_SIDE = 4  # small pixels of a picture in which anything can be told
MIN_PIXELS = 3  # small pixels; less is noise that got past the threshold
OUTLINE_SHARE = 0.5  # of the root of a piece's cells: a quarter of a square's outline is twice that
PROVEN_SHARE = 0.3  # of a piece's cells
LEAST_CHANGED = 2.0  # cells of a piece; one changes by the noise
BIG_SHARE = 0.01  # of the picture: needs no other frame (a fast car at low frame rates)
LASTS_TICKS = 26  # something smaller must have differed there for so long
GLANCE_S = 0.5  # frames further apart say nothing about rain
TICKS = 100  # a second
MOST_TICKS = 100  # between two pictures, as far as it counts
ALIVE_S = 0.45  # what moved and has not changed for so long has stopped
SAME = 0.6  # likeness of two drawings: the scene in another light
FRESH_PIECES = 4  # of a frame, whose drawing is looked at
MAX_BOXES = 16
CALM_S = 0.27  # where nothing moves a picture is judged so often ...
FOLLOW_S = 0.37  # ... where all that moves was there before ...
FAST_S = 0.27  # ... and something of it is fast: where it will be is known for less long ...
NEW_S = 0.19  # ... and where something is new
FAST = 0.3  # of the picture a second; people are seldom, vehicles nearly always
ALIVE_TICKS = np.uint8(ALIVE_S * TICKS)
EVERY_BIT = np.uint16(0xFFFF)
TOUCHING = np.ones((3, 3), np.uint8)
THING = np.ones((11, 11), np.uint8)  # what differs further from any proof of a thing is light
AROUND = np.ones((3, 3), np.uint8)


class MotionDetector:
    """One camera's motion. Keeps a few small pictures.

    Most frames are answered from those before: `Small.luma` is read, and so made, three to ten times a second.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # threads cost more than they give on small pictures
        self._key: tuple[int, int, int] | None = None  # run, height, width
        self._background: Background | None = None
        self._clutter = Clutter()
        self._lacks: Picture | None = None  # cells: ticks until they, or those next to them, differ for long enough
        self._likely: Picture | None = None  # pixels of what may be things, and around them
        self._lives: Picture | None = None  # cells of the pieces that were motion: for how many ticks they stay so
        self._near: Picture | None = None  # pixels of them and around them
        self._judged = Motion((), 0.0)
        self._speeds: list[Speed | None] = []  # of its boxes
        self._judged_s = self._last_s = self._since_s = 0.0
        self._holds_s = 0.0  # for how long what was judged is good enough
        self._fresh = False  # something may be a thing, and has not been there for long enough to tell
        self._stirred = False  # something may be a thing
        self._frames = 0

    def update(self, small: Small) -> Motion:
        """What moves in a frame. A new run or size, or time that goes back, starts the learning anew."""
        now_s = small.at.mono_s
        key = (small.run, small.height, small.width)
        if self._background is None or key != self._key or now_s < self._last_s:
            self._key = key
            return self._start(small.luma, now_s)
        before_s, self._last_s = self._last_s, now_s
        self._frames += 1
        # The picture that comes nearest to the time is judged.
        late_s = now_s - self._judged_s + (now_s - before_s) / 2
        if late_s < self._holds_s:
            return self._expected(now_s)
        before, expected = self._judged.boxes, self._expected(now_s).boxes
        self._judged = self._judge(small.luma, now_s, before_s > self._judged_s)
        self._speeds = speeds(self._judged.boxes, before, expected, max(now_s - self._judged_s, 1e-3))
        self._holds_s = min(self._holds_s, _known_for_s(self._speeds))
        self._judged_s = now_s
        return self._judged

    def _expected(self, now_s: float) -> Motion:
        """As it was judged, moved on."""
        judged, late_s = self._judged, now_s - self._judged_s
        if not judged.boxes:
            return judged
        boxes = tuple(carried(box, speed, late_s) for box, speed in zip(judged.boxes, self._speeds, strict=True))
        return Motion(boxes, judged.share, judged.ready, judged.stirred)

    def _judge(self, luma: Picture, now_s: float, rested: bool) -> Motion:
        """What moves in a picture; `rested`: those before it were left out."""
        assert self._background is not None
        seconds = now_s - self._judged_s
        ready = now_s - self._since_s >= LEARN_S and self._frames >= LEARN_FRAMES
        mask = self._background.differing(luma)
        differing = cv2.countNonZero(mask)
        if differing > SWITCH_SHARE * mask.size:
            return self._start(luma, now_s, differing / mask.size)
        apart = rested or seconds >= GLANCE_S
        lasting = self._clutter.skip(mask) if apart else self._clutter.without(mask, seconds)
        if self._near is not None:
            lasting = np.bitwise_or(lasting, self._background.weakly(self._near))
        self._likely = None
        self._fresh = self._stirred = False
        boxes: tuple[Box, ...] = ()
        if differing < MIN_PIXELS:
            self._lacks = None
            self._forget()
        else:
            boxes = self._moving(luma, lasting, seconds)
        self._background.learn(luma, mask, self._likely, seconds)
        if not ready or self._clutter.much:
            self._holds_s = 0.0
        elif boxes:
            self._holds_s = FOLLOW_S
        else:
            self._holds_s = NEW_S if self._fresh else CALM_S
        share = min(sum(box.area for box in boxes), 1.0) if boxes else 0.0
        return Motion(boxes, share, ready, self._stirred)

    def _start(self, small: Picture, now_s: float, share: float = 0.0) -> Motion:
        if min(small.shape) < MIN_SIDE:
            return Motion((), 0.0)
        self._background = Background(small)
        self._clutter = Clutter()
        self._lacks = self._lives = self._near = None
        self._since_s = self._last_s = self._judged_s = now_s
        self._holds_s = 0.0
        self._frames = 1
        self._judged = Motion((), share, False)
        return self._judged

    def _moving(self, luma: Picture, mask: Picture, seconds: float) -> tuple[Box, ...]:
        """The boxes of motion in this frame."""
        assert self._background is not None
        proof = self._background.proof(luma, mask)
        if cv2.countNonZero(proof) < MIN_PIXELS:
            self._lacks = None
            self._forget()
            return ()
        self._likely = np.asarray(cv2.dilate(proof, THING), np.uint8)
        mask = np.bitwise_and(mask, self._likely)
        changed = np.bitwise_and(mask, self._background.changed(luma))
        cells = cells_of((DIFFERS, mask), (PROVEN, proof), (CHANGED, changed))
        ticks = plane(min(round(TICKS * seconds), MOST_TICKS), cells.shape)
        cells |= self._lasting(cells, ticks)
        if self._lives is not None:
            self._lives = np.asarray(cv2.subtract(self._lives, ticks), np.uint8)
            cells |= np.asarray(cv2.threshold(self._lives, 0, LIVE, cv2.THRESH_BINARY)[1], np.uint8)
        found = pieces(cells)
        motion, active = self._motion(found, luma)
        if not motion:
            self._forget()
            return ()
        self._remember(found, motion, active, mask.shape)
        return _largest(merged(boxes_of(found, motion, mask)))

    def _motion(self, found: Pieces, luma: Picture) -> tuple[list[int], list[int]]:
        """The numbers of the pieces that are motion, and of those among them that still change."""
        assert self._background is not None
        motion, active, asked = [], [], 0
        for number, kinds in enumerate(found.kinds[1:], 1):
            outline = OUTLINE_SHARE * math.sqrt(kinds.differ)
            if kinds.proven < max(outline, PROVEN_SHARE * kinds.differ):
                continue
            self._stirred = True
            changes = kinds.changed >= max(outline, LEAST_CHANGED)
            if not kinds.live:
                if not (changes and (kinds.before or kinds.differ >= BIG_SHARE * found.labels.size)):
                    self._fresh = self._fresh or not kinds.before
                    continue
                asked += 1
                if asked <= FRESH_PIECES and self._background.same_drawing(luma, found.place(number)) > SAME:
                    continue
            motion.append(number)
            if changes:
                active.append(number)
        return motion, active

    def _lasting(self, cells: Picture, ticks: Picture) -> Picture:
        """The bit BEFORE where something differs, in these cells or next to them, for long enough."""
        absent = np.subtract(np.bitwise_and(cells, plane(DIFFERS, cells.shape)), plane(1, cells.shape))  # 255, else 0
        lacks = plane(LASTS_TICKS, cells.shape)
        if self._lacks is not None:
            # Where much blinks, what is next to it is no sign of the same thing.
            before = self._lacks if self._clutter.much else cv2.erode(self._lacks, TOUCHING)
            lacks = np.minimum(cv2.subtract(before, ticks), lacks)
        self._lacks = np.bitwise_or(lacks, absent)
        return np.bitwise_and(cv2.compare(self._lacks, plane(0, cells.shape), cv2.CMP_EQ), plane(BEFORE, cells.shape))

    def _forget(self) -> None:
        self._lives = self._near = None
        self._clutter.explain(None)

    def _remember(self, found: Pieces, motion: list[int], active: list[int], shape: tuple[int, ...]) -> None:
        """What moved lives on for a while after its last change."""
        moved = found.painted(motion, EVERY_BIT)
        lives = found.painted(active, ALIVE_TICKS)
        if self._lives is not None:
            lives = np.maximum(lives, np.bitwise_and(self._lives, moved.astype(np.uint8)))
        self._lives = lives
        self._near = _pixels(moved, shape)
        self._clutter.explain(self._near)


def _known_for_s(speeds: list[Speed | None]) -> float:
    if None in speeds:
        return NEW_S
    return FAST_S if any(abs(part) > FAST for speed in speeds for part in speed or ()) else FOLLOW_S


def _largest(boxes: list[Box]) -> tuple[Box, ...]:
    return tuple(sorted(boxes, key=lambda box: -box.area)[:MAX_BOXES])


def _pixels(cells: Picture, shape: tuple[int, ...]) -> Picture:
    """255 at the pixels of the cells that have every bit, and around them."""
    pixels: Picture = cv2.dilate(cells, AROUND).view(np.uint8).repeat(2, axis=0)  # two pixels of a row at once
    return pixels[: shape[0], : shape[1]]
