"""What all thirteen rules share: schedule, cooldown, age, travel, score, severity, classes, and an end by restart."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from agent.values import ChangeKind, EndReason, Severity, StaticChange, Track, View, ViewState
from tests.rules.stage import Script, Stage, change, local_ns, moment, stay, track, walk

NOON, NIGHT = local_ns("2026-06-01 12:00"), local_ns("2026-06-01 23:00")
SPOT = (0.3, 0.6)
Tracks = Callable[[float], dict[int, tuple[str, tuple[float, float] | None]]]


def actors(label: str, **scripts: Script) -> Tracks:
    return lambda second: {int(name[1:]): (label, script(second)) for name, script in scripts.items()}


def shaken(x: float, phase: float) -> Script:
    return lambda s: (x + 0.08 * math.sin(5 * s + phase), 0.6)


def nothing(_: float) -> Iterable[StaticChange]:
    return ()


def bag(second: float) -> Iterable[StaticChange]:
    return [change(1, SPOT, 4, second)] if second > 6 else []


def gap(second: float) -> Iterable[StaticChange]:
    return [change(1, SPOT, 70, second, ChangeKind.VANISHED)] if second > 75 else []


def stops(start: float, end: float) -> Script:
    go = walk((start, 0.6), (end, 0.6), 0, 3)
    return lambda s: go(s) or (end, 0.6)


# For each rule: its settings, and a play of 40 s in which it fires.
PLAYS: dict[str, tuple[dict[str, Any], Tracks, Callable[[float], Iterable[StaticChange]]]] = {
    "intrusion": ({"zone": "left"}, actors("person", a1=stay(SPOT)), nothing),
    "line_crossing": ({"line": "gate"}, actors("person", a1=walk((0.2, 0.5), (0.8, 0.5), 0, 10)), nothing),
    "loitering": ({"zone": "left", "after": "9s"}, actors("person", a1=stay(SPOT)), nothing),
    "crowd": ({"count": 2, "after": "5s"}, actors("person", a1=stay(SPOT), a2=stay((0.5, 0.5))), nothing),
    "parking": ({"zone": "left", "after": "9s"}, actors("car", a1=stay(SPOT)), nothing),
    "encroachment": ({"zone": "left", "after": "9s"}, actors("truck", a1=stay(SPOT)), nothing),
    "dumping": ({"after": "9s"}, actors("person", a1=stay((0.33, 0.6), 0, 8)), bag),
    "object_removed": (
        {"stood": "9s"}, actors("car", a1=lambda s: stay(SPOT, 0, 15)(s) or walk(SPOT, (0.9, 0.6), 15, 20)(s)), nothing,
    ),
    "wrong_way": (
        {"direction": [[0.1, 0.5], [0.9, 0.5]]}, actors("car", a1=walk((0.9, 0.6), (0.1, 0.6), 0, 10)), nothing,
    ),
    "congestion": ({"count": 2, "after": "5s"}, actors("car", a1=stay(SPOT), a2=stay((0.5, 0.6))), nothing),
    "collision": ({}, actors("car", a1=stops(0.05, 0.5), a2=stops(0.95, 0.59)), nothing),
    "fight": ({}, actors("person", a1=shaken(0.3, 0), a2=shaken(0.4, 1.5)), nothing),
    "tamper": ({"after": "5s"}, actors("person"), nothing),
}  # fmt: skip
WITH_TRACKS = [rule for rule in PLAYS if rule != "tamper"]


def played(rule: str, wall_ns: int = NOON, **more: Any) -> Stage:
    settings, tracks, changes = PLAYS[rule]
    known = {name: more.pop(name) for name in ("age_s", "travel", "score") if name in more}
    stage = Stage({"rule": rule, "cooldown": "0s", **settings, **more}, wall_ns=wall_ns)
    view = View(ViewState.COVERED, moment(2)) if rule == "tamper" else View()
    while stage.second <= 40:
        feet = tracks(stage.second).items()
        there: list[Track] = [track(id_, foot, label, **known) for id_, (label, foot) in feet if foot is not None]
        stage.show(there, changes(stage.second), view)
        stage.second = round(stage.second + 0.2, 6)
    return stage


@pytest.mark.parametrize("rule", PLAYS)
def test_it_fires_and_a_restart_closes_what_is_open(rule: str) -> None:
    stage = played(rule)
    assert {event.rule for event in stage.events} == {rule}
    stage.close(EndReason.RESTART)
    assert stage.events[-1].phase.value == "end"
    assert stage.rules.states()[0].open_events == 0


@pytest.mark.parametrize("rule", PLAYS)
def test_it_keeps_to_its_schedule(rule: str) -> None:
    night = {"hours": "22:00-05:00"}
    assert played(rule, NOON, schedule=night).events == []
    assert played(rule, NIGHT, schedule=night).events != []


@pytest.mark.parametrize("rule", PLAYS)
def test_severity_clip_and_id_are_the_section_s(rule: str) -> None:
    event = played(rule, severity="alert", clip=False, id="mine").events[0]
    assert (event.severity, event.clip, event.rule_id) == (Severity.ALERT, False, "mine")


@pytest.mark.parametrize("rule", WITH_TRACKS)
@pytest.mark.parametrize(("setting", "value", "below", "above"), [
    ("min_age", "20s", {"age_s": 19.9}, {"age_s": 20.0}),
    ("min_travel", 0.4, {"travel": 0.39}, {"travel": 0.4}),
    ("min_score", 0.7, {"score": 0.69}, {"score": 0.7}),
])  # fmt: skip
def test_who_is_too_young_has_not_moved_or_is_unsure_does_not_count(
    rule: str, setting: str, value: object, below: dict[str, Any], above: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {setting: value}
    assert played(rule, **settings, **below).events == []
    assert played(rule, **settings, **above).events != []


@pytest.mark.parametrize("rule", WITH_TRACKS)
def test_another_class_does_not_count(rule: str) -> None:
    other = "bicycle" if rule == "collision" else "elephant"  # a collision needs a vehicle
    assert played(rule, classes=[other]).events == []


# Dumping has its own: its play is tied to the moment at which the thing came to lie there.
@pytest.mark.parametrize("rule", [rule for rule in PLAYS if rule != "dumping"])
@pytest.mark.parametrize(("cooldown", "events"), [("0s", 2), ("10m", 1)])
def test_the_cooldown_keeps_the_next_one_back(rule: str, cooldown: str, events: int) -> None:
    stage = played(rule, cooldown=cooldown)
    stage.close(EndReason.CAMERA_LOST)
    tracks, again = PLAYS[rule][1], 60.0
    view = View(ViewState.COVERED, moment(again)) if rule == "tamper" else View()
    stage.second = again
    while stage.second <= again + 40:
        feet = tracks(round(stage.second - again, 6)).items()
        stage.show([track(id_ + 10, foot, label) for id_, (label, foot) in feet if foot is not None], (), view)
        stage.second = round(stage.second + 0.2, 6)
    assert len({event.id for event in stage.events}) == events


def test_a_vanished_thing_is_told_in_a_watched_zone_only_within_the_schedule() -> None:
    rule = {"rule": "object_removed", "zone": "left", "schedule": {"hours": "22:00-05:00"}}
    for wall_ns, fires in ((NOON, False), (NIGHT, True)):
        stage = Stage(rule, wall_ns=wall_ns).run(90, lambda _: (), gap)
        assert bool(stage.events) is fires
