import math

import pytest

from agent.values import Box, EndReason
from tests.rules.stage import Foot, Script, Stage, track, walk

RULE = {"rule": "wrong_way", "zone": "left", "direction": [[0.1, 0.5], [0.4, 0.5]], "cooldown": "0s"}
RIGHT, LEFT = walk((0.02, 0.6), (0.48, 0.6), 0, 6), walk((0.48, 0.6), (0.02, 0.6), 0, 6)


def test_against_the_arrow_fires_once_and_ends_when_it_has_left() -> None:
    stage = Stage(RULE).play(20, {1: LEFT}, "motorcycle")
    assert [row[:2] for row in stage.table()] == [("e1", "start"), ("e1", "end")]
    # 0.077 a second and 0.1 wide: one length takes one and a third seconds.
    assert 1.2 <= stage.table()[0][2] <= 2.0
    assert stage.events[0].objects[0].label == "motorcycle"


def test_with_the_arrow_or_across_it_does_not() -> None:
    assert Stage(RULE).play(20, {1: RIGHT}, "car").events == []
    assert Stage(RULE).play(20, {1: walk((0.25, 0.95), (0.25, 0.2), 0, 6)}, "car").events == []


def slanted(degrees_off: float) -> Script:
    """Drives as far off the exact opposite of the arrow as said, measured in the picture's own shares."""
    way = (-math.cos(math.radians(degrees_off)), -math.sin(math.radians(degrees_off)))
    return walk((0.45, 0.9), (0.45 + 0.4 * way[0], 0.9 + 0.4 * way[1]), 0, 6)


@pytest.mark.parametrize(("degrees", "fires"), [(0, True), (55, True), (-55, True), (65, False), (-65, False)])
def test_the_tolerance_is_an_angle(degrees: float, fires: bool) -> None:
    rule = {key: value for key, value in RULE.items() if key != "zone"}
    assert bool(Stage(rule).play(10, {1: slanted(degrees)}, "car").events) is fires


@pytest.mark.parametrize(("way", "fires"), [(0.09, False), (0.12, True)])
def test_the_boundary_is_so_many_of_its_own_lengths(way: float, fires: bool) -> None:
    go = walk((0.4, 0.6), (0.4 - way, 0.6), 0, 4)
    stage = Stage(RULE).play(20, {1: lambda s: go(s) or (0.4 - way, 0.6)}, "car")
    assert bool(stage.events) is fires


@pytest.mark.parametrize(("seconds", "fires"), [(1.0, False), (3.4, True)])
def test_it_must_last(seconds: float, fires: bool) -> None:
    rule = {**RULE, "after": "3s"}
    go = walk((0.45, 0.6), (0.05, 0.6), 0, seconds)
    assert bool(Stage(rule).play(6, {1: lambda s: go(s) or (0.05, 0.6)}, "car").events) is fires


def test_jitter_and_turning_round_on_the_spot_are_not_driving() -> None:
    assert Stage(RULE).play(60, {1: lambda s: (0.3 + (0.02 if round(s * 5) % 2 else -0.02), 0.6)}, "car").events == []
    # A three-point turn: back and forth by less than its length.
    turn = walk((0.3, 0.6), (0.2, 0.6), 0, 3)
    again = walk((0.2, 0.6), (0.3, 0.6), 3, 6)
    third = walk((0.3, 0.6), (0.22, 0.6), 6, 9)
    stage = Stage(RULE).play(12, {1: lambda s: turn(s) or again(s) or third(s) or (0.22, 0.6)}, "car")
    assert stage.events == []


def test_a_number_that_jumps_to_the_vehicle_behind_goes_no_wrong_way() -> None:
    def jumps(second: float) -> Foot:
        lap = second % 4
        return (0.1 + 0.08 * lap, 0.6)  # every four seconds back by three lengths

    assert Stage(RULE).play(30, {1: jumps}, "car").events == []


def test_parking_is_not_driving_against_the_arrow() -> None:
    creep = walk((0.45, 0.6), (0.05, 0.6), 0, 300)  # a step takes over five seconds
    assert Stage(RULE).play(120, {1: creep}, "car").events == []


def test_outside_the_zone_and_other_classes() -> None:
    assert Stage(RULE).play(10, {1: walk((0.98, 0.6), (0.55, 0.6), 0, 6)}, "car").events == []
    assert Stage(RULE).play(10, {1: LEFT}, "person").events == []


def test_a_restart_begins_anew() -> None:
    stage = Stage(RULE).play(1.4, {1: LEFT}, "car")
    stage.close(EndReason.CAMERA_LOST)
    assert stage.play(2.6, {1: LEFT}, "car").events == []
    assert stage.play(6, {1: LEFT}, "car").events != []


def test_min_age_and_cooldown() -> None:
    assert Stage({**RULE, "min_age": "60s"}).play(10, {1: LEFT}, "car").events == []
    stage = Stage({**RULE, "cooldown": "60s"})
    later = walk((0.48, 0.6), (0.02, 0.6), 12, 18)
    stage.play(30, {1: LEFT, 2: later}, "car")
    assert [event.phase.value for event in stage.events] == ["start", "end"]
    assert stage.rules.states()[0].suppressed == 1


def test_at_ten_frames_a_second_and_at_two_it_is_the_same_event() -> None:
    for step in (0.1, 0.5):
        stage = Stage(RULE)
        while stage.second <= 8:
            foot = LEFT(stage.second)
            stage.show([track(1, foot, "car")] if foot else [])
            stage.second = round(stage.second + step, 6)
        assert len({event.id for event in stage.events}) == 1


def test_a_vehicle_that_comes_towards_the_camera_is_measured_by_its_height() -> None:
    rule = {**RULE, "direction": [[0.25, 0.9], [0.25, 0.1]]}  # away from the camera
    stage = Stage(rule)
    while stage.second <= 5:
        y = 0.3 + 0.1 * stage.second
        size = 0.05 + 0.02 * stage.second
        stage.show([track(1, (0.25, y), "car", box=Box(0.25 - size, y - size, 0.25 + size, y))])
        stage.second = round(stage.second + 0.2, 6)
    assert [event.phase.value for event in stage.events] == ["start"]
