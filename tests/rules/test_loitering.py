import pytest

from agent.values import Phase
from tests.rules.stage import Stage, stay

RULE = {"rule": "loitering", "zone": "left", "after": "10s", "cooldown": "0s"}
IN, OUT = (0.2, 0.5), (0.8, 0.5)


def test_fires_when_the_time_is_reached_and_ends_when_the_person_has_left() -> None:
    stage = Stage(RULE).play(30, {1: stay(IN, 1, 15)})
    assert stage.table() == [("e1", "start", 11.0), ("e1", "end", 16.8)]
    assert stage.events[0].objects[0].dwell_s == pytest.approx(10.0)


def test_does_not_fire_just_below() -> None:
    assert Stage(RULE).play(30, {1: stay(IN, 1, 10.9)}).events == []


def test_each_person_has_an_event() -> None:
    stage = Stage(RULE).play(20, {1: stay(IN, 0, 18), 2: stay((0.4, 0.9), 3, 16)})
    assert stage.table() == [("e1", "start", 10.0), ("e2", "start", 13.0), ("e2", "end", 17.8), ("e1", "end", 19.8)]
    assert [event.objects[0].track for event in stage.events] == [1, 2, 2, 1]


@pytest.mark.parametrize(("gap_s", "fires"), [(1.8, True), (2.4, False)])
def test_a_short_loss_does_not_reset_the_time(gap_s: float, fires: bool) -> None:
    stage = Stage(RULE).play(12, {1: lambda second: IN if not 5 < second < 5 + gap_s else None})
    assert bool(stage.events) is fires


def test_a_new_number_nearby_takes_the_time_over() -> None:
    stage = Stage(RULE).play(12, {1: stay(IN, 0, 5), 2: stay((0.23, 0.52), 6)})
    assert stage.table() == [("e1", "start", 10.0)]
    assert stage.events[0].objects[0].track == 2


def test_a_new_number_far_away_does_not() -> None:
    assert Stage(RULE).play(12, {1: stay(IN, 0, 5), 2: stay((0.45, 0.9), 6)}).events == []


def test_a_new_number_of_another_class_does_not() -> None:
    stage = Stage({**RULE, "classes": ["person", "dog"]})
    stage.play(5, {1: stay(IN)}, "person").play(12, {2: stay(IN)}, "dog")
    assert stage.events == []


def test_the_same_event_goes_on_when_the_number_changes() -> None:
    stage = Stage(RULE).play(25, {1: stay(IN, 0, 12), 2: stay(IN, 13, 22)})
    assert [(event.id, event.phase) for event in stage.events] == [
        ("e1", Phase.START), ("e1", Phase.UPDATE), ("e1", Phase.END),
    ]  # fmt: skip


@pytest.mark.parametrize(("outside_s", "fires"), [(1.0, True), (3.0, False)])
def test_stepping_out_for_a_moment_does_not_reset_the_time(outside_s: float, fires: bool) -> None:
    stage = Stage(RULE).play(12, {1: lambda second: OUT if 5 < second < 5 + outside_s else IN})
    assert bool(stage.events) is fires
