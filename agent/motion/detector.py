"""Small pictures in, Motion out: boxes around what moves, largest first.

Small luma against a running-average scene. Connected pixels that differ are a *piece*. A piece is motion when enough of
it is more than light and swaying (`evidence.py`), when something differed there in the pictures before too, and when it
still changes: what differs and stands still is a ghost, a lamp, or has stopped. A light switched on or off makes the
whole picture differ; then the scene is learnt anew.
"""

import cv2
import numpy as np
import numpy.typing as npt

from agent.motion.background import Background
from agent.motion.boxes import merged
from agent.motion.clutter import Clutter
from agent.motion.pieces import BEFORE, CHANGED, DIFFERS, LIVE, PROVEN, Pieces, boxes_of, cells_of, pieces
from agent.values import Box, Motion, Picture, Small

LEARN_S = 0.5  # until then the scene is the first picture and `ready` is False
LEARN_FRAMES = 3
SWITCH_SHARE = 0.4  # more of the picture differs than passers-by can cover: the light, or the camera, changed
MIN_SIDE = 4  # small pixels of a picture in which anything can be told
MIN_PIXELS = 3  # small pixels; less is noise that got past the threshold
OUTLINE_SHARE = 0.5  # of the root of a piece's cells: a quarter of a square's outline is twice that
PROVEN_SHARE = 0.3  # of a piece's cells
BIG_SHARE = 0.01  # of the picture: needs no other frame (a fast car at low frame rates)
SEEN_FRAMES = 4  # something smaller must have differed there in so many frames ...
SLOW_S, SLOW_FRAMES = 0.25, 2  # ... or in so few, when they are further apart
GLANCE_S = 0.5  # frames further apart say nothing about rain
OLD = 100  # frames; older is not counted
ALIVE_S = 0.3  # what moved and has not changed for so long has stopped
SAME = 0.6  # likeness of two drawings: the scene in another light
FRESH_PIECES = 8  # of a frame, whose drawing is looked at
MAX_BOXES = 16
JUDGE_EVERY_S = 0.19
MORE = 1.5  # times as many pixels differ: something new has come, or the light changed
FOLLOWED_CELLS = 2  # less is noise beside what moves
STEP = np.ones((5, 5), np.uint8)  # how far it may come
TOUCHING = np.ones((3, 3), np.uint8)
THING = np.ones((11, 11), np.uint8)  # what differs further from any proof of a thing is light
AROUND = np.ones((3, 3), np.uint8)

Chosen = npt.NDArray[np.bool_]


class MotionDetector:
    """One camera's motion. Keeps a few small pictures; about 0.1 ms a frame on one core, a third when nothing moves."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # threads cost more than they give on small pictures
        self._key: tuple[int, int, int] | None = None  # run, height, width
        self._background: Background | None = None
        self._clutter = Clutter()
        self._ages: Picture | None = None  # cells: for how many frames they, or cells next to them, have differed
        self._likely: Picture | None = None  # pixels of what may be things, and around them
        self._lives: Picture | None = None  # cells of the pieces that were motion: for how many frames they stay so
        self._near: Picture | None = None  # pixels of them and around them
        self._reach: Picture | None = None  # cells in which what was motion may be until pieces are judged again
        self._differing = 0  # pixels, when they were judged last ...
        self._judged_s = 0.0
        self._learnt_s = 0.0
        self._skipped = 0  # ... and pictures since
        self._since_s = 0.0
        self._last_s = 0.0
        self._frames = 0

    def update(self, small: Small) -> Motion:
        """What moves in a frame. A new run or size, or time that goes back, starts the learning anew."""
        luma, now_s = small.luma, small.at.mono_s
        if min(luma.shape) < MIN_SIDE:
            return Motion((), 0.0)
        key = (small.run, small.height, small.width)
        if self._background is None or key != self._key or now_s < self._last_s:
            self._key = key
            return self._start(luma, now_s)
        seconds, self._last_s = now_s - self._last_s, now_s
        self._frames += 1
        ready = now_s - self._since_s >= LEARN_S and self._frames >= LEARN_FRAMES
        if self._reach is not None and now_s - self._judged_s < JUDGE_EVERY_S and not self._clutter.much:
            followed = self._followed(luma, self._reach, seconds)
            if followed:
                return Motion(followed, min(sum(box.area for box in followed), 1.0), ready, True)
        self._judged_s = now_s
        mask = self._background.differing(luma)
        differing = cv2.countNonZero(mask)
        if differing > SWITCH_SHARE * mask.size:
            return self._start(luma, now_s, differing / mask.size)
        lasting = self._clutter.without(mask) if seconds < GLANCE_S else self._clutter.skip(mask)
        if self._near is not None:
            lasting = np.bitwise_or(lasting, self._background.weakly(self._near))
        self._likely = None
        boxes: tuple[Box, ...] = ()
        stirred = False
        if differing < MIN_PIXELS:
            self._ages = None
            self._forget()
        else:
            boxes, stirred = self._moving(luma, lasting, seconds)
        self._skipped, self._differing = 0, differing
        self._background.learn(luma, mask, self._likely, now_s - self._learnt_s)
        self._learnt_s = now_s
        share = min(sum(box.area for box in boxes), 1.0) if boxes else 0.0
        return Motion(boxes, share, ready, stirred)

    def _start(self, small: Picture, now_s: float, share: float = 0.0) -> Motion:
        self._background = Background(small)
        self._clutter = Clutter()
        self._ages = self._lives = self._near = self._reach = None
        self._since_s = self._last_s = self._judged_s = self._learnt_s = now_s
        self._skipped = 0
        self._frames = 1
        return Motion((), share, False)

    def _followed(self, luma: Picture, reach: Picture, seconds: float) -> tuple[Box, ...]:
        """The boxes of what was motion when the pieces were last judged; none when it takes a judge to tell."""
        assert self._background is not None
        mask = self._background.glanced(luma)
        if self._near is None or cv2.countNonZero(mask) > MORE * self._differing:
            return ()
        near = np.bitwise_or(mask, self._background.weakly(self._near))
        found = pieces(cells_of((DIFFERS, near)) & reach)
        chosen: Chosen = found.cells >= FOLLOWED_CELLS
        chosen[0] = False  # what does not differ
        boxes = _largest(merged(boxes_of(found, chosen, near)))
        if boxes:
            self._background.learn(luma, mask, self._likely, seconds)
            self._learnt_s = self._last_s
            self._skipped += 1
        return boxes

    def _moving(self, luma: Picture, mask: Picture, seconds: float) -> tuple[tuple[Box, ...], bool]:
        """The boxes of motion in this frame, and whether anything may be motion."""
        assert self._background is not None
        proof = self._background.proof(luma, mask)
        if cv2.countNonZero(proof) < MIN_PIXELS:
            self._ages = None
            self._forget()
            return (), False
        self._likely = np.asarray(cv2.dilate(proof, THING), np.uint8)
        mask = np.bitwise_and(mask, self._likely)
        changed = np.bitwise_and(mask, self._background.changed(luma))
        cells = cells_of((DIFFERS, mask), (PROVEN, proof), (CHANGED, changed))
        differs = cells & np.uint8(DIFFERS)
        ages = differs
        if self._ages is not None:
            # Where much blinks, what is next to it is no sign of the same thing.
            before = self._ages if self._clutter.much else np.asarray(cv2.dilate(self._ages, TOUCHING), np.uint8)
            ages = np.minimum(before, OLD) * differs + differs
            if self._skipped:
                ages += ((before > 0).view(np.uint8) & differs) * np.uint8(self._skipped)
        self._ages = ages
        cells |= (ages >= (SEEN_FRAMES if seconds < SLOW_S else SLOW_FRAMES)).view(np.uint8) * np.uint8(BEFORE)
        if self._lives is not None:
            cells |= (self._lives > 0).view(np.uint8) * np.uint8(LIVE)
        found = pieces(cells)
        likely = self._likely_of(found)
        if not likely.any():
            self._forget()
            return (), False
        motion, active = self._judged(found, mask.size)
        motion &= likely
        if motion.any():
            self._refuse_light(found, motion, luma)
        if not motion.any():
            self._forget()
            return (), True
        self._remember(found, motion, active, mask.shape, seconds)
        return _largest(merged(boxes_of(found, motion, mask))), True

    def _forget(self) -> None:
        self._lives = self._near = self._reach = None
        self._clutter.explain(None)

    def _remember(self, found: Pieces, motion: Chosen, active: Chosen, shape: tuple[int, ...], seconds: float) -> None:
        """What moved lives on for a while after its last change."""
        span = min(round(ALIVE_S / max(seconds, 1e-3)), 100) + 1
        lives = found.painted((motion & active) * span)
        if self._lives is not None:
            passed = np.uint8(1 + self._skipped)
            older = np.maximum(self._lives, passed) - passed
            lives = np.maximum(lives, older & found.painted(motion * 255))
        self._lives = lives
        self._near = _pixels(found.painted(motion), shape)
        self._reach = np.asarray(cv2.dilate((lives > 0).view(np.uint8), STEP), np.uint8)
        self._clutter.explain(self._near)

    def _likely_of(self, found: Pieces) -> Chosen:
        """Pieces that are more than light and swaying."""
        enough = np.maximum(OUTLINE_SHARE * np.sqrt(found.cells), PROVEN_SHARE * found.cells)
        likely: Chosen = found.having(PROVEN) >= enough
        likely[0] = False
        return likely

    def _judged(self, found: Pieces, size: int) -> tuple[Chosen, Chosen]:
        """Pieces that move, and those of all pieces that changed."""
        active = found.having(CHANGED) >= np.maximum(OUTLINE_SHARE * np.sqrt(found.cells), 1.0)
        motion = active & ((found.having(BEFORE) > 0) | (4 * found.cells >= BIG_SHARE * size))
        motion |= found.having(LIVE) > 0
        return motion, active

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
