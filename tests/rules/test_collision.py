import pytest

from agent.values import EndReason, Role
from tests.rules.stage import Script, Stage, stay, track, walk

RULE = {"rule": "collision", "after": "8s", "cooldown": "0s"}


def drives(start: tuple[float, float], end: tuple[float, float], stop_s: float, begin_s: float = 0.0) -> Script:
    """Drives evenly to `end`, is there at `stop_s`, and stays."""
    go = walk(start, end, begin_s, stop_s)
    return lambda second: go(second) or (end if second > stop_s else None)


# 0.15 a second, one and a half lengths; they meet at the middle.
CRASH = {1: drives((0.05, 0.6), (0.5, 0.6), 3.0), 2: drives((0.95, 0.62), (0.59, 0.62), 3.0)}


def test_two_that_meet_fast_and_then_stand_are_told() -> None:
    stage = Stage(RULE).play(20, CRASH, "car")
    assert [row[1] for row in stage.table()] == ["start"]
    assert 11.0 <= stage.table()[0][2] <= 13.0
    event = stage.events[0]
    assert event.started.mono_s == pytest.approx(1003.6, abs=0.6)
    assert event.count == 2
    assert {one.track for one in event.objects} == {1, 2}


def test_who_drives_on_had_no_collision() -> None:
    away = walk((0.5, 0.6), (0.5, 0.95), 6, 9)
    actors = {**CRASH, 1: lambda s: away(s) or (CRASH[1](s) if s < 6 else None)}
    assert Stage(RULE).play(20, actors, "car").events == []


@pytest.mark.parametrize(("until", "fires"), [(10.0, False), (13.0, True)])
def test_the_boundary_is_after(until: float, fires: bool) -> None:
    assert bool(Stage(RULE).play(until, CRASH, "car").events) is fires


def test_people_who_gather_tell_it_sooner() -> None:
    stage = Stage(RULE)
    while stage.second <= 8:
        cars = [track(id_, foot, "car") for id_, script in CRASH.items() if (foot := script(stage.second))]
        around = [track(10 + index, (0.4 + 0.1 * index, 0.85)) for index in range(3)] if stage.second > 4 else []
        stage.show([*cars, *around])
        stage.second = round(stage.second + 0.2, 6)
    assert [row[1] for row in stage.table()] == ["start"]
    assert stage.table()[0][2] < 8
    assert sum(one.role is Role.NEAR for one in stage.events[0].objects) == 3


def test_who_runs_into_one_that_waits_at_the_edge_of_the_zone_is_told() -> None:
    # It comes into the zone with its last half length: how fast it was is known from before.
    actors = {1: drives((0.95, 0.6), (0.47, 0.6), 3.0), 2: stay((0.39, 0.6))}
    assert [row[1] for row in Stage({**RULE, "zone": "left"}).play(20, actors, "car").table()] == ["start"]


def test_one_that_brakes_slowly_behind_another_had_none() -> None:
    standing = stay((0.6, 0.6))

    def brakes(second: float) -> tuple[float, float]:
        # From 1.5 lengths per second to nothing in five seconds, with a tenth of a length between them.
        time = min(second, 5.0)
        return (0.491 - 0.375 + 0.15 * time - 0.015 * time * time, 0.6)

    assert Stage(RULE).play(30, {1: standing, 2: brakes}, "car").events == []


def test_two_lanes_that_stop_side_by_side_did_not_meet() -> None:
    lanes = {1: drives((0.05, 0.6), (0.5, 0.6), 3.0), 2: drives((0.05, 0.66), (0.5, 0.66), 3.0)}
    assert Stage(RULE).play(30, lanes, "car").events == []


def test_two_people_who_meet_are_not_in_traffic() -> None:
    assert Stage(RULE).play(30, CRASH, "person").events == []


def test_a_vehicle_and_a_person() -> None:
    stage = Stage(RULE)
    while stage.second <= 20:
        car, person = CRASH[1](stage.second), walk((0.6, 0.75), (0.59, 0.62), 0, 3)(stage.second) or (0.59, 0.62)
        stage.show([track(1, car, "car"), track(2, person)] if car else [])
        stage.second = round(stage.second + 0.2, 6)
    assert [row[1] for row in stage.table()] == ["start"]


def test_a_restart_forgets_it() -> None:
    stage = Stage(RULE).play(8, CRASH, "car")
    stage.close(EndReason.CAMERA_LOST)
    assert stage.play(30, CRASH, "car").events == []


def test_outside_the_zone_and_too_young() -> None:
    assert Stage({**RULE, "zone": "left", "min_age": "60s"}).play(20, CRASH, "car").events == []
    aside = {
        id_: (lambda s, script=script: (f[0] * 0.3 + 0.65, f[1]) if (f := script(s)) else None)
        for id_, script in CRASH.items()
    }
    assert Stage({**RULE, "zone": "left"}).play(20, aside, "car").events == []
