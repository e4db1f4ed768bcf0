"""Detections over time become Tracks: predict, pair, correct, forget.

Two-stage pairing as in ByteTrack (Zhang et al. 2022): sure detections first, then unsure ones keep known targets alive;
a third pass with enlarged boxes (buffered IoU, Yang et al. 2023) catches what moved far between two frames. A target
only loses belief when its place was searched. Which places are searched is `detection/regions.py`'s choice.
"""

from collections.abc import Callable, Sequence

import numpy as np

from agent.clock import Moment
from agent.tracking.assign import FORBIDDEN, assign
from agent.tracking.target import Target, visible_share
from agent.values import Box, Detection, Motion, Track

UNSURE_SHARE = 0.25  # of the score that begins a target is enough to keep one
MIN_IOU, MIN_IOU_UNSURE, MIN_IOU_BUFFERED = 0.2, 0.3, 0.2
BUFFER = 0.4  # of its size, by which a box is enlarged on each side in the third pass
COVERED = 0.8  # of a target's box inside one region: it was searched
BELIEVED_SHARE = 0.75  # of the same score, smoothed over its hits, is needed to be believed present
SHOWN_S = 0.5  # searched in vain for longer: no longer believed present (but may come back)
LOST_S = 1.5  # searched in vain for longer: forgotten
UNSEEN_S = 150.0  # forgotten anyway, also when nobody looked
GONE_SHARE = 0.35  # less than this of its box is in the picture and it was not seen: it left
SAME_SHARE = 0.7  # a new box that shares this much of the smaller area with a seen target of its kind is that target
MOVING_SHARE = 0.2  # of a new target's box moves: what stood there before anyone looked is scenery, or a mistake
MAX_TARGETS = 64
_KINDS = {"car": "motor", "truck": "motor", "bus": "motor", "train": "motor", "bicycle": "cycle", "motorcycle": "cycle"}


def kind(label: str) -> str:
    """Labels that models confuse share a kind; a target keeps its kind for life."""
    return _KINDS.get(label, label)


class Tracker:
    """The targets of one camera. Numbers grow from 1 and are never given twice, also over `reset`.

    `score` is what a detection needs to begin a target.
    """

    def __init__(self, score: float = 0.4) -> None:
        self._sure, self._unsure = score, score * UNSURE_SHARE
        self._targets: list[Target] = []
        self._next = 1
        self._at: Moment | None = None
        self.dropped = 0  # new targets refused because MAX_TARGETS are followed

    def reset(self) -> None:
        """Forget all targets: the time line broke."""
        self._targets.clear()
        self._at = None

    def predicted(self, at: Moment) -> tuple[Track, ...]:
        """Every target, also tentative and missed ones, where it should be at `at`. Changes nothing."""
        seconds = self._seconds(at)
        return tuple(target.track(at, target.filter.ahead(seconds)) for target in self._targets)

    def update(
        self, at: Moment, aspect: float, detections: Sequence[Detection], regions: Sequence[Box], motion: Motion
    ) -> tuple[Track, ...]:
        """The confirmed tracks believed present at `at`, by id.

        `aspect` is the picture's width / height; `regions` are the places that were searched for `detections`.
        """
        seconds, self._at = self._seconds(at), at
        for target in self._targets:
            target.predict(seconds)
        sure = [detection for detection in detections if detection.score >= self._sure]
        unsure = [detection for detection in detections if self._unsure <= detection.score < self._sure]
        waiting = list(self._targets)
        waiting, sure = self._pair(at, waiting, sure, (_iou, MIN_IOU))
        confirmed = [target for target in waiting if target.confirmed]
        tentative = [target for target in waiting if not target.confirmed]
        confirmed, _ = self._pair(at, confirmed, unsure, (_iou, MIN_IOU_UNSURE))
        waiting, sure = self._pair(at, confirmed + tentative, sure, (_buffered_iou, MIN_IOU_BUFFERED))
        for target in waiting:
            self._missed(at, target, regions, motion)
        self._targets = [target for target in self._targets if self._kept(at, target)]
        self._begin(at, aspect, [each for each in sure if not motion.ready or _moves(each.box, motion)])
        return tuple(target.track(at) for target in self._targets if self._present(target))

    def _present(self, target: Target) -> bool:
        return target.confirmed and target.missed_s <= SHOWN_S and target.score >= BELIEVED_SHARE * self._sure

    def _seconds(self, at: Moment) -> float:
        return max(at.mono_s - self._at.mono_s, 0.0) if self._at else 0.0

    def _pair(
        self,
        at: Moment,
        targets: list[Target],
        detections: list[Detection],
        likeness: tuple[Callable[[Box, Box], float], float],
    ) -> tuple[list[Target], list[Detection]]:
        """Pair and correct; gives back who is left on both sides."""
        if not targets or not detections:
            return targets, detections
        measure, least = likeness
        costs = np.full((len(targets), len(detections)), FORBIDDEN)
        for row, target in enumerate(targets):
            for column, detection in enumerate(detections):
                like = measure(target.box, detection.box)
                if like >= least and kind(target.label) == kind(detection.label):
                    costs[row, column] = 1.0 - like * detection.score
        pairs = assign(costs)
        for row, column in pairs:
            targets[row].hit(at, detections[column])
        rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
        return (
            [target for row, target in enumerate(targets) if row not in rows],
            [detection for column, detection in enumerate(detections) if column not in columns],
        )

    def _missed(self, at: Moment, target: Target, regions: Sequence[Box], motion: Motion) -> None:
        inside = target.box.clipped()
        if any(inside.overlap(region) >= COVERED * inside.area for region in regions):
            target.searched_in_vain(at)
        if motion.ready and not any(target.box.overlap(box) > 0 for box in motion.boxes):
            # Nothing moves where it should be: it stands still, or it is not there. It surely does not walk on.
            target.filter.brake(0.5)

    def _kept(self, at: Moment, target: Target) -> bool:
        unseen_s = at.mono_s - target.seen.mono_s
        if unseen_s == 0.0:
            return True
        if visible_share(target.box) < GONE_SHARE or unseen_s > UNSEEN_S:
            return False
        return target.missed_s <= (LOST_S if target.confirmed else 0.0)

    def _begin(self, at: Moment, aspect: float, detections: list[Detection]) -> None:
        for detection in sorted(detections, key=lambda each: -each.score):
            if any(target.seen == at and _same(target, detection) for target in self._targets):
                continue
            if len(self._targets) >= MAX_TARGETS:
                self.dropped += 1
                continue
            self._targets.append(Target(self._next, at, aspect, detection))
            self._next += 1


def _iou(one: Box, other: Box) -> float:
    return one.iou(other)


def _buffered_iou(one: Box, other: Box) -> float:
    return _enlarged(one).iou(_enlarged(other))


def _enlarged(box: Box) -> Box:
    x, y = box.width * BUFFER, box.height * BUFFER
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y)


def _moves(box: Box, motion: Motion) -> bool:
    return sum(box.overlap(other) for other in motion.boxes) >= MOVING_SHARE * box.area


def _same(target: Target, detection: Detection) -> bool:
    smaller = min(target.box.area, detection.box.area)
    return kind(target.label) == kind(detection.label) and target.box.overlap(detection.box) >= SAME_SHARE * smaller
