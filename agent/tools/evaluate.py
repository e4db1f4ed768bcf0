"""A replay held against what people marked by hand: how well things are found, followed and told.

Scored are the pictures that the agent analysed, on the tracks that it gave for them; what a node at work would know.
Tracking figures need the package motmetrics (the extra `eval`), which no node has.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Any

from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.pipeline import Analysis, SeesObjects
from agent.rules import RuleSet, RuleState
from agent.tools.average_precision import Scored, precision_recall
from agent.tools.replay import Replay, ReplayOptions, chosen_camera, seeded_ids
from agent.tools.truth import Marked, TruePath, nothing_marked, read_truth
from agent.values import Box, EndReason, Event, Frame, Scene

IOU = 0.5
NEAR_S = 2.0  # an event that begins within this of a true one is that one
# What these ask is not in marked boxes: the view, and things that stay or are gone.
NOT_OF_TRACKS = {"tamper", "encroachment", "dumping", "object_removed"}


@dataclass(frozen=True, slots=True)
class Tracking:
    """By motmetrics (CLEAR MOT, Bernardin and Stiefelhagen 2008; IDF1, Ristani et al. 2016)."""

    mota: float
    idf1: float
    switches: int
    fragments: int


@dataclass(frozen=True, slots=True)
class RuleScore:
    """Events of one rule: told by the agent, by the same rule on the true tracks, and how many of them are the same."""

    told: int
    true: int
    matched: int
    mean_error_s: float | None  # between their beginnings; None when none are the same

    @property
    def precision(self) -> float:
        """Of what was told, that much is true; 1 when nothing was told."""
        return self.matched / self.told if self.told else 1.0

    @property
    def recall(self) -> float:
        """Of what is true, that much was told; 1 when nothing is."""
        return self.matched / self.true if self.true else 1.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures. `tracking` is None without motmetrics."""

    frames: int
    marked: int
    claimed: int
    ap50: float
    precision: float
    recall: float
    tracking: Tracking | None
    rules: Mapping[str, RuleScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Seen:
    frame: int
    at: Moment
    size: tuple[int, int]
    boxes: tuple[tuple[int, Box, float], ...]  # track, box, score


def evaluate(options: ReplayOptions, truth: Path, label: str, detector: SeesObjects | None) -> Evaluation:
    """Replay and compare the tracks of class `label`. Raises ConfigError (the truth) and what `Replay` raises.

    A truth without any `label` in the analysed pictures is a mistake too: there is nothing that figures could be of.
    """
    marks = read_truth(truth, label)
    if not marks:
        raise nothing_marked(truth, label)
    seen: list[_Seen] = []

    def watch(frame: Frame, analysis: Analysis, _: tuple[RuleState, ...]) -> None:
        boxes = tuple((track.id, track.box, track.score) for track in analysis.tracks if track.label == label)
        seen.append(_Seen(frame.seq + 1, analysis.at, (frame.width, frame.height), boxes))

    given = ReplayOptions(options.video, options.config, options.camera, until_s=options.until_s, watch=watch)
    events = tuple(Replay(given, detector))
    true = {each.frame: [mark.box(each.size) for mark in marks.get(each.frame, ())] for each in seen}
    if not any(true.values()):
        raise nothing_marked(truth, label, len(seen))
    claims = [Scored(each.frame, box, score) for each in seen for _, box, score in each.boxes]
    curve = precision_recall(claims, true, IOU)
    hits, marked = int(curve.hits.sum()), sum(map(len, true.values()))
    camera = chosen_camera(options)
    return Evaluation(
        frames=len(seen),
        marked=marked,
        claimed=len(claims),
        ap50=curve.area,
        precision=hits / len(claims) if claims else 1.0,
        recall=hits / marked if marked else 1.0,
        tracking=_tracking(seen, marks),
        rules=rule_scores(
            events, true_events(camera, options.config.node.timezone, label, _scenes(seen, marks, label))
        ),
    )


def rule_scores(told: tuple[Event, ...], true: tuple[Event, ...] | None) -> dict[str, RuleScore]:
    """Each rule that marked boxes can judge; `true` is None when there is none."""
    if true is None:
        return {}
    first_told, first_true = _beginnings(told), _beginnings(true)
    rules = sorted(
        {event.rule_id for event in true} | {each.rule_id for each in told if each.rule not in NOT_OF_TRACKS}
    )
    return {rule: _score(first_told.get(rule, []), first_true.get(rule, [])) for rule in rules}


def true_events(
    camera: CameraSection, timezone: str, label: str, scenes: tuple[Scene, ...]
) -> tuple[Event, ...] | None:
    """What the camera's rules tell of the true tracks; None when none of them is about `label`."""
    rules = tuple(rule for rule in camera.rules if label in rule.classes and rule.rule not in NOT_OF_TRACKS)
    if not rules or not scenes:
        return None
    judge = RuleSet(camera.model_copy(update={"rules": rules}), timezone, seeded_ids(camera.id))
    events = [event for scene in scenes for event in judge.update(scene)]
    return (*events, *judge.close(scenes[-1].at, EndReason.OVER))


def _scenes(seen: list[_Seen], marks: Mapping[int, tuple[Marked, ...]], label: str) -> tuple[Scene, ...]:
    paths = TruePath(label)
    return tuple(Scene(each.at, tuple(paths.tracks(each.at, marks.get(each.frame, ()), each.size))) for each in seen)


def _beginnings(events: tuple[Event, ...]) -> dict[str, list[Event]]:
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(event.id, event)
    by_rule: dict[str, list[Event]] = {}
    for event in first.values():
        by_rule.setdefault(event.rule_id, []).append(event)
    return by_rule


def _score(told: list[Event], true: list[Event]) -> RuleScore:
    # The nearest pairs first, each event in one pair only; a crossing the other way is another event.
    pairs = sorted(
        (abs(one.at.mono_s - other.at.mono_s), i, j)
        for i, one in enumerate(told)
        for j, other in enumerate(true)
        if one.direction == other.direction and abs(one.at.mono_s - other.at.mono_s) <= NEAR_S
    )
    used_told: set[int] = set()
    used_true: set[int] = set()
    errors: list[float] = []
    for error, i, j in pairs:
        if i not in used_told and j not in used_true:
            used_told.add(i)
            used_true.add(j)
            errors.append(error)
    return RuleScore(len(told), len(true), len(errors), sum(errors) / len(errors) if errors else None)


def _tracking(seen: list[_Seen], marks: Mapping[int, tuple[Marked, ...]]) -> Tracking | None:
    try:
        motmetrics: Any = importlib.import_module("motmetrics")
    except ImportError:
        return None
    scores = motmetrics.MOTAccumulator(auto_id=False)
    for each in seen:
        true = marks.get(each.frame, ())
        scores.update(
            [mark.id for mark in true],
            [track for track, _, _ in each.boxes],
            [[_distance(mark.box(each.size), box) for _, box, _ in each.boxes] for mark in true],
            frameid=each.frame,
        )
    names = ["mota", "idf1", "num_switches", "num_fragmentations"]
    row: Callable[[str], Any] = motmetrics.metrics.create().compute(scores, metrics=names).iloc[0].__getitem__
    mota, idf1 = float(row("mota")), float(row("idf1"))
    return Tracking(mota, idf1, int(row("num_switches")), int(row("num_fragmentations")))


def _distance(one: Box, other: Box) -> float:
    overlap = one.iou(other)
    return 1.0 - overlap if overlap >= IOU else nan
