import pytest

from agent.values import EndReason
from tests.rules.stage import Script, Stage, stay, walk

RULE = {"rule": "congestion", "zone": "left", "count": 3, "after": "10s", "cooldown": "0s"}


def queue(number: int, until: float = 1e9) -> dict[int, Script]:
    return {index: stay((0.1 + 0.1 * index, 0.6), 0, until) for index in range(number)}


def test_fires_when_enough_have_been_slow_for_long_enough() -> None:
    stage = Stage(RULE).play(60, queue(3, 30), "car")
    # It takes three seconds to know a speed.
    assert stage.table() == [("e1", "start", 13.0), ("e1", "update", 23.0), ("e1", "end", 39.8)]
    assert stage.events[0].count == 3


def test_one_vehicle_less_is_no_jam() -> None:
    assert Stage(RULE).play(60, queue(2), "car").events == []


@pytest.mark.parametrize(("until", "fires"), [(12.9, False), (13.1, True)])
def test_the_boundary_is_after(until: float, fires: bool) -> None:
    assert bool(Stage(RULE).play(until, queue(3), "car").events) is fires


@pytest.mark.parametrize(("lengths_per_s", "fires"), [(0.25, True), (0.35, False)])
def test_speed_is_measured_in_own_lengths(lengths_per_s: float, fires: bool) -> None:
    way = 0.1 * lengths_per_s  # a box is 0.1 wide
    rule = {key: value for key, value in RULE.items() if key != "zone"}
    actors = {index: walk((0.05, 0.3 * index), (0.05 + 30 * way, 0.3 * index), 0, 30) for index in (1, 2, 3)}
    assert bool(Stage(rule).play(28, actors, "car").events) is fires


def test_flowing_traffic_is_none_however_dense() -> None:
    def flow(offset: float) -> Script:
        return lambda second: ((0.1 * second + offset) % 0.5, 0.6)

    assert Stage(RULE).play(60, {index: flow(0.1 * index) for index in range(5)}, "car").events == []


def test_a_red_light_is_shorter() -> None:
    rule = {**RULE, "after": "30s"}
    assert Stage(rule).play(60, queue(4, 25), "car").events == []


def test_stop_and_go_is_one_jam() -> None:
    def stop_and_go(offset: float) -> Script:
        return lambda s: (0.1 + 0.1 * offset + 0.05 * (s // 8) + (0.05 * (s % 8 - 7) if s % 8 > 7 else 0), 0.3)

    rule = {**RULE, "zone": None}
    stage = Stage({key: value for key, value in rule.items() if value}).play(
        40, {index: stop_and_go(index) for index in range(4)}, "car"
    )
    assert [event.id for event in stage.events if event.phase.value == "start"] == ["e1"]


def test_people_and_vehicles_elsewhere_do_not_count() -> None:
    assert Stage(RULE).play(60, queue(5), "person").events == []
    assert Stage(RULE).play(60, {index: stay((0.6 + 0.1 * index, 0.6)) for index in range(4)}, "car").events == []


def test_a_restart_begins_anew() -> None:
    stage = Stage(RULE).play(12, queue(3), "car")
    stage.close(EndReason.RESTART)
    assert stage.play(24, queue(3), "car").events == []
    assert stage.play(26, queue(3), "car").table()[0][1] == "start"


def test_min_travel_leaves_out_what_was_parked_all_the_time() -> None:
    assert Stage({**RULE, "min_travel": 0.2}).play(30, queue(5), "car", travel=0.1).events == []
