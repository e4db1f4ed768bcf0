import pytest

from agent.values import Box, EndReason, Phase, StaticChange, Track, View, ViewState
from tests.rules.stage import Stage, change, moment, stay, track, walk

RULE = {"rule": "encroachment", "zone": "left", "after": "20s", "cooldown": "0s"}
SPOT = (0.3, 0.6)


def nobody(_: float) -> tuple[()]:
    return ()


def test_a_thing_that_stays_is_told_and_ends_when_it_has_gone() -> None:
    stage = Stage(RULE).run(60, nobody, lambda s: [change(1, SPOT, 2, s)] if 5 <= s < 40 else [])
    # The time counts from when it came to lie there, not from when the picture was sure of it.
    assert stage.table() == [("e1", "start", 22.0), ("e1", "update", 32.0), ("e1", "end", 49.8)]
    (thing,) = stage.events[0].objects
    assert (thing.label, thing.track, thing.role.value) == ("object", 0, "object")
    assert stage.events[-1].ended is not None
    assert stage.events[-1].ended.mono_s == pytest.approx(1039.8)


@pytest.mark.parametrize(("until", "fires"), [(19.9, False), (20.1, True)])
def test_the_boundary_is_after(until: float, fires: bool) -> None:
    stage = Stage(RULE).run(until, nobody, lambda s: [change(1, SPOT, 0, s)])
    assert bool(stage.events) is fires


@pytest.mark.parametrize(
    ("label", "fires"),
    [("truck", True), ("chair", True), ("motion", True), (None, True), ("person", False), ("dog", False)],
)  # fmt: skip
def test_what_is_alive_does_not_encroach_and_what_nobody_knows_does(label: str | None, fires: bool) -> None:
    stage = Stage(RULE).run(30, nobody, lambda s: [change(1, SPOT, 0, s, label=label)])
    assert bool(stage.events) is fires


def test_outside_the_zone_it_may_lie() -> None:
    assert Stage(RULE).run(30, nobody, lambda s: [change(1, (0.8, 0.6), 0, s)]).events == []


def test_a_standing_vehicle_is_told_without_any_change() -> None:
    stage = Stage(RULE).play(30, {1: stay(SPOT)}, "truck")
    assert stage.table()[0] == ("e1", "start", 20.0)
    assert stage.events[0].objects[0].label == "truck"


def test_a_vehicle_and_the_change_it_makes_are_one() -> None:
    lorry = track(7, SPOT, "truck")
    stage = Stage(RULE).run(
        50,
        lambda s: [lorry] if s < 30 else [],
        lambda s: [change(1, SPOT, 0, s, box=lorry.box, label="truck", track=7)] if s > 10 else [],
    )
    assert [event.id for event in stage.events] == ["e1"] * 4
    assert {event.phase for event in stage.events} == {Phase.START, Phase.UPDATE}  # it went on when the track was lost


def test_a_vehicle_that_drives_through_or_creeps_does_not_occupy() -> None:
    assert Stage(RULE).play(30, {1: walk((0.05, 0.6), (0.45, 0.6), 0, 30)}, "car").events == []


def test_those_who_drive_through_one_after_the_other_do_not_occupy() -> None:
    # Each is in the same place for a moment, two seconds after it was first seen.
    def passing(second: float) -> list[Track]:
        here = (
            (number, walk((0.05, 0.6), (0.45, 0.6), 2.0 * number, 2.0 * number + 2.6)(second)) for number in range(40)
        )
        return [track(number, foot, "car") for number, foot in here if foot]

    assert Stage(RULE).run(60, passing).events == []


def test_a_person_may_stand_as_long_as_he_likes() -> None:
    assert Stage({**RULE, "classes": ["person", "car"]}).play(30, {1: stay(SPOT)}).events == []


def test_what_a_bus_left_in_the_picture_for_a_look_or_two_is_no_thing() -> None:
    assert Stage(RULE).run(80, nobody, lambda s: [change(1, SPOT, 10, s)] if 45 < s < 49 else []).events == []


def test_two_things_are_two_events() -> None:
    stage = Stage(RULE).run(
        25, nobody, lambda s: [change(1, SPOT, 0, s), *([change(2, (0.1, 0.9), 3, s)] if s > 5 else [])]
    )
    assert stage.table() == [("e1", "start", 20.0), ("e2", "start", 23.0)]


def test_a_change_that_flickers_keeps_its_time() -> None:
    stage = Stage(RULE).run(
        25, nobody, lambda s: [change(1 if s < 9 else 2, SPOT, 0 if s < 9 else 15, s)] if not 9 < s < 15 else []
    )
    assert stage.table() == [("e1", "start", 20.0)]


def test_while_the_camera_is_covered_nothing_counts() -> None:
    stage = Stage(RULE)
    for _ in range(200):
        stage.show([], [change(1, SPOT, 0, stage.second)], View(ViewState.COVERED, moment(0)))
        stage.second += 0.2
    assert stage.events == []


def test_a_restart_ends_it_and_begins_anew() -> None:
    stage = Stage(RULE).run(22, nobody, lambda s: [change(1, SPOT, 0, s)])
    assert [event.end_reason for event in stage.close(EndReason.RESTART)] == [EndReason.RESTART]
    assert stage.rules.states()[0].occupancy == 0
    stage.run(30, nobody, lambda s: [change(2, SPOT, 22, s)])
    assert len(stage.events) == 2


def test_min_travel_and_min_score_are_about_vehicles() -> None:
    assert Stage({**RULE, "min_travel": 0.6}).play(30, {1: stay(SPOT)}, "car").events == []
    assert Stage({**RULE, "min_score": 0.9}).play(30, {1: stay(SPOT)}, "car").events == []


def test_pieces_of_one_thing_become_one_event() -> None:
    whole, top = Box(0.2, 0.3, 0.4, 0.7), Box(0.22, 0.3, 0.38, 0.4)

    def pieces(s: float) -> list[StaticChange]:
        lower = whole if s > 10 else Box(0.25, 0.5, 0.35, 0.7)
        return [change(1, SPOT, 0, s, box=lower), change(2, SPOT, 0, s, box=top)]

    stage = Stage(RULE).run(40, nobody, pieces)
    assert {event.id for event in stage.events} == {"e1"}
    assert stage.events[0].objects[0].box == whole


@pytest.mark.parametrize(("height", "fires"), [(0.025, False), (0.035, True)])
def test_flat_strips_of_light_are_no_things(height: float, fires: bool) -> None:
    strip = Box(0.2, 0.5, 0.3, 0.5 + height)
    assert bool(Stage(RULE).run(30, nobody, lambda s: [change(1, SPOT, 0, s, box=strip)]).events) is fires
