import pytest

from agent.values import Box
from tests.rules.stage import Stage, stay, track, walk

RULE = {"rule": "parking", "zone": "left", "after": "20s", "cooldown": "0s"}
SPOT = (0.3, 0.6)


def test_fires_for_a_vehicle_that_stands_and_ends_when_it_has_gone() -> None:
    stage = Stage(RULE).play(60, {1: stay(SPOT, 0, 40)}, "car")
    # The ten seconds for which a passing lorry may hide it are waited out; `ended` tells the truth.
    assert stage.table() == [("e1", "start", 20.0), ("e1", "update", 30.0), ("e1", "end", 49.8)]
    assert stage.events[0].objects[0].dwell_s == pytest.approx(20.0)
    assert stage.events[-1].ended is not None
    assert stage.events[-1].ended.mono_s == pytest.approx(1039.8)


def test_just_below_does_not_fire() -> None:
    assert Stage(RULE).play(60, {1: stay(SPOT, 0, 20)}, "car").events == []


def test_a_vehicle_that_creeps_does_not_stand() -> None:
    assert Stage(RULE).play(30, {1: walk((0.1, 0.6), (0.45, 0.6), 0, 30)}, "car").events == []


def test_the_time_begins_when_it_stops() -> None:
    stage = Stage(RULE)
    drive = walk((0.1, 0.6), (0.4, 0.6), 0, 10)
    stage.play(45, {1: lambda second: drive(second) or (0.4, 0.6)}, "car")
    (start, *_) = stage.table()
    # It is held to have stopped once it is within a share of its box of where it stays.
    assert start[1] == "start"
    assert 28.0 <= start[2] <= 32.0


def test_jitter_is_standing() -> None:
    stage = Stage(RULE).play(22, {1: lambda second: (0.3 + (0.02 if round(second * 5) % 2 else -0.005), 0.6)}, "car")
    assert stage.table() == [("e1", "start", 20.0)]


@pytest.mark.parametrize(("hidden_s", "fires"), [(1.5, True), (4.0, False)])
def test_a_box_cut_for_a_moment_is_still_standing(hidden_s: float, fires: bool) -> None:
    stage = Stage(RULE)
    whole, half = Box(0.25, 0.4, 0.35, 0.6), Box(0.25, 0.4, 0.27, 0.6)
    while stage.second <= 22:
        box = half if 8 < stage.second < 8 + hidden_s else whole
        stage.show([track(1, SPOT, "car", box=box)])
        stage.second = round(stage.second + 0.2, 6)
    assert bool(stage.events) is fires


def test_many_short_cuts_do_not_add_up() -> None:
    stage = Stage(RULE)
    whole, half = Box(0.25, 0.4, 0.35, 0.6), Box(0.25, 0.4, 0.27, 0.6)
    while stage.second <= 21:
        stage.show([track(1, SPOT, "car", box=half if stage.second % 3 > 1.5 else whole)])
        stage.second = round(stage.second + 0.2, 6)
    assert stage.table() == [("e1", "start", 20.0)]


def test_time_beside_the_zone_does_not_count() -> None:
    stage = Stage(RULE).play(18, {1: stay((0.503, 0.6))}, "car").play(37, {1: stay((0.498, 0.6))}, "car")
    assert stage.events == []
    assert stage.play(39, {1: stay((0.498, 0.6))}, "car").table() == [("e1", "start", 38.2)]


@pytest.mark.parametrize(("hidden_s", "fires"), [(9.0, True), (12.0, False)])
def test_a_lorry_may_hide_it_for_ten_seconds(hidden_s: float, fires: bool) -> None:
    stage = Stage(RULE).play(22, {1: stay(SPOT, 0, 8), 2: stay(SPOT, 8 + hidden_s)}, "car")
    assert bool(stage.events) is fires


def test_a_person_does_not_park() -> None:
    assert Stage(RULE).play(30, {1: stay(SPOT)}, "person").events == []


def test_outside_the_zone_it_may_stand() -> None:
    assert Stage(RULE).play(30, {1: stay((0.8, 0.6))}, "car").events == []


def test_the_time_goes_on_over_a_restart() -> None:
    stage = Stage(RULE).play(8, {1: stay(SPOT)}, "car", stood_before_s=15.0)
    assert stage.table() == [("e1", "start", 5.0)]
    assert stage.events[0].objects[0].dwell_s == pytest.approx(20.0)


def test_the_time_of_before_ends_when_it_moves() -> None:
    drive = walk(SPOT, (0.1, 0.6), 2, 6)
    stage = Stage(RULE).play(20, {1: lambda second: SPOT if second < 2 else drive(second) or (0.1, 0.6)}, "car")
    assert stage.events == []
    again = Stage(RULE)
    again.play(20, {1: lambda second: SPOT if second < 2 else drive(second) or (0.1, 0.6)}, "car", stood_before_s=15.0)
    assert again.events == []


def test_the_time_of_before_was_not_spent_in_the_zone_when_it_comes_in_later() -> None:
    play = {1: lambda second: (0.503, 0.6) if second < 4 else (0.498, 0.6)}
    assert Stage(RULE).play(10, play, "car", stood_before_s=15.0).events == []
