"""How motion boxes compare with the truth: what `bench motion` counts, for every program alike.

- A frame is *moving* when something of interest moves in it and can be seen; it is *hit* when a motion box covers a
  third of one of the movers (where only times are labelled: when there is any motion box).
- A motion box is *false* when it touches nothing of interest, neither what moves nor what stands.
- `recall`: of the moving frames those that are hit. `precision`: of all hits and frames with a false box, the hits.
  `f1`: their harmonic mean.
- `coverage`: of all movers in all frames those that a single motion box covers by half.
- `false_alarms_h`: per hour without anybody in view, how often false boxes begin after two seconds without.
- `onset_s`: from when a mover can be seen for the first time to the first hit on it, median and nine in ten; a visit
  that is never hit counts with its whole length.
- `box_iou`: mean intersection over union of a covered mover with the motion box that fits it best.

The first seconds of each film are for learning and are not scored.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.values import Box

WARM_UP_S = 3.0
HIT, COVERED = 1 / 3, 0.5  # of a mover's box
APART_S = 2.0  # false boxes that come again sooner are the same alarm
EMPTY_S = 1.0  # around anybody's presence, what is found is not held to be false alarms


@dataclass(frozen=True, slots=True)
class Mover:
    """Something of interest in one frame."""

    name: str
    box: Box
    moving: bool


@dataclass(frozen=True, slots=True)
class TrueFrame:
    """What is true in one frame. `moving` None: nobody can say; `movers` None: only times are labelled."""

    at_s: float
    moving: bool | None
    movers: tuple[Mover, ...] | None


@dataclass(slots=True)
class Score:
    """Sums; of several films by `+`."""

    moving: int = 0
    hits: int = 0
    false_frames: int = 0
    movers: int = 0
    covered: int = 0
    iou: float = 0.0
    empty_s: float = 0.0
    alarms: int = 0
    onsets_s: list[float] = field(default_factory=list)

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.moving + other.moving,
            self.hits + other.hits,
            self.false_frames + other.false_frames,
            self.movers + other.movers,
            self.covered + other.covered,
            self.iou + other.iou,
            self.empty_s + other.empty_s,
            self.alarms + other.alarms,
            self.onsets_s + other.onsets_s,
        )

    @property
    def recall(self) -> float | None:
        """Of the moving frames."""
        return self.hits / self.moving if self.moving else None

    @property
    def f1(self) -> float | None:
        """Of hits and false frames."""
        return 2 * self.hits / (self.hits + self.false_frames + self.moving) if self.moving else None

    @property
    def coverage(self) -> float | None:
        """Of the movers."""
        return self.covered / self.movers if self.movers else None

    @property
    def box_iou(self) -> float | None:
        """Of the covered movers."""
        return self.iou / self.covered if self.covered else None

    @property
    def false_alarms_h(self) -> float | None:
        """Per hour with nobody in view."""
        return self.alarms / self.empty_s * 3600 if self.empty_s else None

    @property
    def onset_s(self) -> float | None:
        """The median visit."""
        return statistics.median(self.onsets_s) if self.onsets_s else None

    @property
    def late_s(self) -> float | None:
        """Nine visits in ten are found sooner."""
        return sorted(self.onsets_s)[int(0.9 * (len(self.onsets_s) - 1))] if self.onsets_s else None


def scored(truth: Sequence[TrueFrame], found: Iterable[tuple[Box, ...]]) -> Score:
    """`found` has the motion boxes of each frame of `truth`."""
    score, visits = Score(), _Visits()
    empty = _empty(truth)
    last_false_s = float("-inf")
    seconds = truth[1].at_s - truth[0].at_s if len(truth) > 1 else 0.0
    for frame, boxes, nobody in zip(truth, found, empty, strict=True):
        visits.see(frame, boxes)
        if frame.at_s < WARM_UP_S or frame.moving is None:
            continue
        false = _false(frame, boxes)
        if frame.moving:
            score.moving += 1
            hit = (
                bool(boxes) if frame.movers is None else any(_hit(each, boxes) for each in frame.movers if each.moving)
            )
            score.hits += hit
        score.false_frames += false
        for mover in frame.movers or ():
            if mover.moving:
                score.movers += 1
                if max((mover.box.overlap(box) for box in boxes), default=0.0) >= COVERED * mover.box.area:
                    score.covered += 1
                    score.iou += max(mover.box.iou(box) for box in boxes)
        if nobody:
            score.empty_s += seconds
        if false:
            score.alarms += nobody and frame.at_s - last_false_s > APART_S
            last_false_s = frame.at_s
    score.onsets_s = visits.delays()
    return score


def _empty(truth: Sequence[TrueFrame]) -> list[bool]:
    # Frames with nobody in view, and nobody shortly before or after.
    present = [frame.at_s for frame in truth if frame.moving is not False or frame.movers]
    empty, first = [], 0
    for frame in truth:
        while first < len(present) and present[first] < frame.at_s - EMPTY_S:
            first += 1
        empty.append(first == len(present) or present[first] > frame.at_s + EMPTY_S)
    return empty


def _hit(mover: Mover, boxes: tuple[Box, ...]) -> bool:
    return any(mover.box.overlap(box) >= HIT * mover.box.area for box in boxes)


def _false(frame: TrueFrame, boxes: tuple[Box, ...]) -> bool:
    if frame.movers is None:
        return bool(boxes) and frame.moving is False
    return any(all(mover.box.overlap(box) <= 0 for mover in frame.movers) for box in boxes)


class _Visits:
    # When each mover came into view, and when it was found.

    def __init__(self) -> None:
        self._came: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._found: dict[str, float] = {}

    def see(self, frame: TrueFrame, boxes: tuple[Box, ...]) -> None:
        for mover in frame.movers or ():
            if not mover.moving:
                continue
            self._came.setdefault(mover.name, frame.at_s)
            self._left[mover.name] = frame.at_s
            if mover.name not in self._found and _hit(mover, boxes):
                self._found[mover.name] = frame.at_s

    def delays(self) -> list[float]:
        return [
            self._found.get(name, self._left[name]) - came for name, came in self._came.items() if came >= WARM_UP_S
        ]
