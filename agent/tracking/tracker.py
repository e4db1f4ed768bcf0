"""Detections over time become Tracks: predict, pair, correct, forget.

A detection that is also a moving region counts as surer (`evidence.py`). Two-stage pairing as in ByteTrack (Zhang et
al. 2022): sure detections first, then unsure ones keep known targets alive; a third pass with enlarged boxes (buffered
IoU, Yang et al. 2023) catches what moved far between two frames. A target only loses belief when its place was
searched. Which places are searched is `detection/regions.py`'s choice. A parked vehicle is believed by its look where
the model does not find it, and is remembered when it is lost from sight.
"""

from collections.abc import Iterable

from agent.clock import Moment
from agent.tracking.evidence import weighed
from agent.tracking.kinds import kind
from agent.tracking.memory import Memory, Verdict
from agent.tracking.pairing import Pairing, Rules
from agent.tracking.sighting import Sighting
from agent.tracking.target import Target, visible_share
from agent.values import Box, Detection, Motion, Parked, Remembered, Track

UNSURE_SHARE = 0.25  # of the score that begins a target is enough to keep one
COVERED = 0.8  # of a target's box inside one region: it was searched
BELIEVED_SHARE = 0.75  # of the same score, smoothed over its hits, is needed to be believed present
SHOWN_S = 0.5  # searched in vain for longer: no longer believed present (but may come back)
LOST_S = 1.5  # searched in vain for longer: forgotten
# Searches in vain until it is confirmed: who is small is found in most frames, not in all. Once in all and not once in
# a row, for a mistake of the model flickers.
FORGIVEN = 1
UNSEEN_S = 150.0  # forgotten anyway, also when nobody looked
GONE_SHARE = 0.35  # less than this of its box is in the picture and it was not seen: it left
SAME_SHARE = 0.7  # a new box that shares this much of the smaller area with a seen target of its kind is that target
MOVING_SHARE = 0.2  # of a new target's box moves: what stood there before anyone looked is scenery, or a mistake
MAX_TARGETS = 64


class Tracker:
    """The targets of one camera. Numbers grow and are never given twice, also over `reset` and a restart.

    `score` is what a detection needs to begin a target.
    """

    def __init__(self, score: float = 0.4) -> None:
        self._sure, self._unsure = score, score * UNSURE_SHARE
        self._targets: list[Target] = []
        self._memory = Memory()
        self._next = 1
        self._at: Moment | None = None
        self.dropped = 0  # new targets refused because MAX_TARGETS are followed

    def reset(self) -> None:
        """The time line broke: parked vehicles are remembered, all else is forgotten."""
        self._remember(self._targets)
        self._targets.clear()
        self._at = None

    @property
    def next_id(self) -> int:
        """The number that the next target gets."""
        return self._next

    def remembered(self) -> Remembered:
        """What to keep over a restart: the parked vehicles, in sight or not."""
        at = self._at
        parked = [target.remembered(at) for target in self._targets] if at else []
        return Remembered(self._next, (*self._memory.parked(), *(one for one in parked if one is not None)))

    def restore(self, known: Remembered) -> None:
        """Go on where an earlier tracker of this camera ended. Before the first `update`."""
        self._next = max(self._next, known.next_id, *(parked.id + 1 for parked in known.parked), 1)
        for parked in known.parked:
            self._memory.keep(parked)

    def predicted(self, at: Moment) -> tuple[Track, ...]:
        """Every target, also tentative, missed and lately remembered ones, where it should be. Changes nothing."""
        seconds = self._seconds(at)
        targets = tuple(target.track(at, target.filter.ahead(seconds)) for target in self._targets)
        return targets + tuple(_as_track(parked, at) for parked in self._memory.sought(at))

    def update(self, sighting: Sighting) -> tuple[Track, ...]:
        """The confirmed tracks believed present now, by id."""
        at = sighting.at
        seconds, self._at = self._seconds(at), at
        for target in self._targets:
            target.predict(seconds)
        new = self._pair(sighting)
        for target in self._targets:
            if target.seen is not at:
                _missed(target, sighting)
            elif target.standing is not None and not sighting.moves(target.box):
                target.standing.refresh(at.mono_s, sighting.small.luma, target.box)
        lost = [target for target in self._targets if not _kept(at, target)]
        if lost:
            self._remember(lost)
            self._targets = [target for target in self._targets if target not in lost]
        self._memory.expire(at)
        self._begin(sighting, new)
        return tuple(target.track(at) for target in self._targets if self._present(target, at))

    def _present(self, target: Target, at: Moment) -> bool:
        if not target.confirmed or target.missed_s > SHOWN_S or target.scenery(at):
            return False
        return target.score >= BELIEVED_SHARE * self._sure

    def _seconds(self, at: Moment) -> float:
        return max(at.mono_s - self._at.mono_s, 0.0) if self._at else 0.0

    def _remember(self, targets: Iterable[Target]) -> None:
        for target in targets:
            parked = target.remembered(target.seen)
            if parked is not None:
                self._memory.keep(parked)

    def _pair(self, sighting: Sighting) -> list[Detection]:
        """Pair and correct; gives back the detections that are nobody's."""
        found = [each for each in weighed(sighting.detections, sighting.motion) if each.score >= self._unsure]
        parked = [target.parked(sighting.at) for target in self._targets]
        resting = [target.rests(sighting) for target in self._targets]
        gaps_s = [target.unsearched_s(sighting.at) for target in self._targets]
        pairing = Pairing(self._targets, found, Rules(self._sure, gaps_s, parked, resting))
        for target, detection in pairing.pairs():
            target.hit(sighting.at, detection)
        return pairing.left(self._unsure if len(self._memory) else self._sure)

    def _begin(self, sighting: Sighting, detections: list[Detection]) -> None:
        at, aspect = sighting.at, sighting.aspect
        for detection in sorted(detections, key=lambda each: -each.score):
            begins = detection.score >= self._sure and _may_begin(detection.box, sighting.motion)
            if len(self._targets) >= MAX_TARGETS:
                self.dropped += begins
                continue
            known = self._memory.recall(at, sighting.small.luma, detection) if len(self._memory) else Verdict.UNKNOWN
            if isinstance(known, Parked):
                self._targets.append(Target.recalled(known, at, aspect, detection))
            elif known is Verdict.UNKNOWN and begins and not self._part(at, detection):
                target = Target(self._next, at, aspect, detection)
                if sighting.motion.ready:
                    target.alive()  # else it would not begin
                self._targets.append(target)
                self._next += 1

    def _part(self, at: Moment, detection: Detection) -> bool:
        """Is it a part of a target that was just seen, or of a parked one that somebody hides in part?"""
        return any((target.seen is at or target.parked(at)) and _same(target, detection) for target in self._targets)


def _missed(target: Target, sighting: Sighting) -> None:
    if sighting.searched(target.box, COVERED) and not target.held(sighting):
        target.searched_in_vain(sighting.at)
    if sighting.motion.ready and not sighting.moves(target.box):
        # Nothing moves where it should be: it stands still, or it is not there. It surely does not walk on.
        target.filter.brake(0.5)


def _kept(at: Moment, target: Target) -> bool:
    unseen_s = at.mono_s - target.seen.mono_s
    if unseen_s == 0.0:
        return True
    if visible_share(target.box) < GONE_SHARE or unseen_s > UNSEEN_S:
        return False
    return target.missed_s <= LOST_S if target.confirmed else target.doubts <= FORGIVEN


def _may_begin(box: Box, motion: Motion) -> bool:
    return not motion.ready or sum(box.overlap(other) for other in motion.boxes) >= MOVING_SHARE * box.area


def _same(target: Target, detection: Detection) -> bool:
    smaller = min(target.box.area, detection.box.area)
    return target.kind == kind(detection.label) and target.box.overlap(detection.box) >= SAME_SHARE * smaller


def _as_track(parked: Parked, at: Moment) -> Track:
    first = at.shifted(-parked.age_s)
    return Track(parked.id, parked.label, parked.score, parked.box, first, at, parked.age_s, parked.travel)
