"""Small pictures in, Motion out: boxes around what moves, largest first.

Small luma against a running-average scene. Connected pixels that differ are a *piece*. A piece is motion when enough of
it is more than light and swaying (`evidence.py`), when something differed there in the pictures before too, and when it
still changes: what differs and stands still is a ghost, a lamp, or has stopped. A light switched on or off makes the
whole picture differ; then the scene is learnt anew.

So a picture is *judged*. Where nothing moves, and where all that moves is known, most pictures are not: what moved
goes on as it went.
"""

import cv2
import numpy as np
import numpy.typing as npt

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
ALIVE_S = 0.35  # what moved and has not changed for so long has stopped
SAME = 0.6  # likeness of two drawings: the scene in another light
FRESH_PIECES = 8  # of a frame, whose drawing is looked at
MAX_BOXES = 16
CALM_S = 0.19  # where nothing moves a picture is judged so often ...
FOLLOW_S = 0.27  # ... and where all that moves was there before; else every picture
TOUCHING = np.ones((3, 3), np.uint8)
THING = np.ones((11, 11), np.uint8)  # what differs further from any proof of a thing is light
AROUND = np.ones((3, 3), np.uint8)

Chosen = npt.NDArray[np.bool_]


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
        self._rests = False  # whether the next picture may be left out
        self._fresh = False  # something may be a thing, and has not been there for long enough to tell
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
        if self._rests and late_s < (FOLLOW_S if self._speeds else CALM_S):
            return self._expected(now_s)
        before = self._judged.boxes
        self._judged = self._judge(small.luma, now_s, before_s > self._judged_s)
        self._speeds = speeds(self._judged.boxes, before, max(now_s - self._judged_s, 1e-3))
        self._rests = self._rests and None not in self._speeds
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
        self._fresh = False
        boxes: tuple[Box, ...] = ()
        stirred = False
        if differing < MIN_PIXELS:
            self._lacks = None
            self._forget()
        else:
            boxes, stirred = self._moving(luma, lasting, seconds)
        self._background.learn(luma, mask, self._likely, seconds)
        self._rests = ready and not self._clutter.much and bool(boxes or not self._fresh)
        share = min(sum(box.area for box in boxes), 1.0) if boxes else 0.0
        return Motion(boxes, share, ready, stirred)

    def _start(self, small: Picture, now_s: float, share: float = 0.0) -> Motion:
        if min(small.shape) < MIN_SIDE:
            return Motion((), 0.0)
        self._background = Background(small)
        self._clutter = Clutter()
        self._lacks = self._lives = self._near = None
        self._since_s = self._last_s = self._judged_s = now_s
        self._rests = False
        self._frames = 1
        self._judged = Motion((), share, False)
        return self._judged

    def _moving(self, luma: Picture, mask: Picture, seconds: float) -> tuple[tuple[Box, ...], bool]:
        """The boxes of motion in this frame, and whether anything may be motion."""
        assert self._background is not None
        proof = self._background.proof(luma, mask)
        if cv2.countNonZero(proof) < MIN_PIXELS:
            self._lacks = None
            self._forget()
            return (), False
        self._likely = np.asarray(cv2.dilate(proof, THING), np.uint8)
        mask = np.bitwise_and(mask, self._likely)
        changed = np.bitwise_and(mask, self._background.changed(luma))
        cells = cells_of((DIFFERS, mask), (PROVEN, proof), (CHANGED, changed))
        ticks = plane(min(round(TICKS * seconds), MOST_TICKS), cells.shape)
        cells |= self._lasting(cells, ticks)
        if self._lives is not None:
            self._lives = np.asarray(cv2.subtract(self._lives, ticks), np.uint8)
            cells |= np.minimum(self._lives, 1) * np.uint8(LIVE)
        found = pieces(cells)
        outline = OUTLINE_SHARE * np.sqrt(found.cells)
        likely: Chosen = found.having(PROVEN) >= np.maximum(outline, PROVEN_SHARE * found.cells)
        likely[0] = False  # what does not differ
        if not likely.any():
            self._forget()
            return (), False
        active: Chosen = found.having(CHANGED) >= np.maximum(outline, LEAST_CHANGED)
        known = found.having(BEFORE) > 0
        motion = likely & (active & (known | (4 * found.cells >= BIG_SHARE * mask.size)) | (found.having(LIVE) > 0))
        self._fresh = bool((likely > (motion | known)).any())
        if motion.any():
            self._refuse_light(found, motion, luma)
        if not motion.any():
            self._forget()
            return (), True
        self._remember(found, motion, active, mask.shape)
        return _largest(merged(boxes_of(found, motion, mask))), True

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

    def _remember(self, found: Pieces, motion: Chosen, active: Chosen, shape: tuple[int, ...]) -> None:
        """What moved lives on for a while after its last change."""
        moved = found.painted(motion)
        lives = found.painted((motion & active) * round(ALIVE_S * TICKS))
        if self._lives is not None:
            lives = np.maximum(lives, self._lives * moved)
        self._lives = lives
        self._near = _pixels(moved, shape)
        self._clutter.explain(self._near)

    def _refuse_light(self, found: Pieces, motion: Chosen, luma: Picture) -> None:
        assert self._background is not None
        fresh = motion & (found.having(LIVE) == 0)
        for piece in np.flatnonzero(fresh)[:FRESH_PIECES].tolist():
            left, top, across, down, _ = (2 * found.stats[piece]).tolist()
            if self._background.same_drawing(luma, (slice(top, top + down), slice(left, left + across))) > SAME:
                motion[piece] = False


def _largest(boxes: list[Box]) -> tuple[Box, ...]:
    return tuple(sorted(boxes, key=lambda box: -box.area)[:MAX_BOXES])


def _pixels(cells: Picture, shape: tuple[int, ...]) -> Picture:
    """255 at the pixels of the cells that are 1, and around them."""
    grown = cv2.dilate(cells, AROUND).astype(np.uint16) * np.uint16(0xFFFF)  # two pixels of a row at once
    pixels: Picture = grown.view(np.uint8).repeat(2, axis=0)
    return pixels[: shape[0], : shape[1]]
