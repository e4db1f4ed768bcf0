import pytest

from agent.values import EndReason, Phase, Point, Severity
from tests.rules.stage import Stage, stay, track

RULE = {"rule": "intrusion", "zone": "left"}
IN, OUT = (0.2, 0.5), (0.8, 0.5)


def test_one_event_for_as_long_as_somebody_is_inside() -> None:
    stage = Stage(RULE).play(30, {1: stay(IN, 1, 6), 2: stay(IN, 4, 14)})
    # The second person joins the event of the first; two quiet seconds end it; ten seconds make an update.
    assert stage.table() == [("e1", "start", 1.0), ("e1", "update", 11.0), ("e1", "end", 15.8)]
    start, update, end = stage.events
    assert (start.rule, start.rule_id, start.zone, start.severity) == (
        "intrusion", "intrusion-left", "left", Severity.ALERT,
    )  # fmt: skip
    assert [one.track for one in start.objects] == [1]
    assert [one.track for one in update.objects] == [2]
    assert update.objects[0].dwell_s == pytest.approx(7.0)
    assert end.ended is not None
    assert end.ended.mono_s == pytest.approx(1013.8)
    assert end.end_reason is EndReason.OVER
    assert start.ended is None
    assert {event.started for event in stage.events} == {start.at}


def test_a_foot_outside_does_not_start_although_the_box_reaches_in() -> None:
    assert Stage(RULE).play(5, {1: stay((0.53, 0.5))}).events == []


@pytest.mark.parametrize(("x", "fires"), [(0.5, True), (0.499, True), (0.501, False)])
def test_the_edge_belongs_to_the_zone(x: float, fires: bool) -> None:
    assert bool(Stage(RULE).play(3, {1: stay((x, 0.5))}).events) is fires


def test_a_foot_below_the_picture_stands_on_its_lower_edge() -> None:
    assert Stage(RULE).play(3, {1: stay((0.2, 1.04))}).events


def test_jitter_at_the_edge_is_one_event() -> None:
    stage = Stage({**RULE, "cooldown": "0s"})
    stage.play(9, {1: lambda second: (0.495 if round(second * 5) % 2 else 0.507, 0.5)})
    assert [event.phase for event in stage.events] == [Phase.START]


def test_standing_just_outside_the_edge_is_still_inside_for_who_was_in() -> None:
    stage = Stage(RULE).play(1, {1: stay((0.49, 0.5))})
    stage.play(8, {1: stay((0.507, 0.5)), 2: stay((0.507, 0.9))})
    assert stage.rules.states()[0].occupancy == 1  # the first; the second was never in
    stage.play(9, {1: stay((0.515, 0.5))})
    assert stage.rules.states()[0].occupancy == 0


def test_quiet_shorter_than_two_seconds_is_bridged() -> None:
    stage = Stage({**RULE, "cooldown": "0s"})
    stage.play(9, {1: stay(IN, 0, 3), 2: stay(IN, 4.8, 9)})
    assert [event.id for event in stage.events] == ["e1"]


def test_without_a_zone_the_whole_picture_counts() -> None:
    stage = Stage({"rule": "intrusion"}).play(3, {1: stay(OUT)})
    assert [(event.rule_id, event.zone) for event in stage.events] == [("intrusion", None)]


@pytest.mark.parametrize(
    ("limit", "below", "at_limit"),
    [
        ({"min_age": "2s"}, {"age_s": 1.9}, {"age_s": 2.0}),
        ({"min_travel": 0.3}, {"travel": 0.29}, {"travel": 0.3}),
        ({"min_score": 0.6}, {"score": 0.59}, {"score": 0.6}),
        ({}, {"confirmed": False}, {"confirmed": True}),
        ({}, {"label": "dog"}, {"label": "person"}),
    ],
)
def test_limits_of_what_counts(limit: dict[str, str], below: dict[str, float], at_limit: dict[str, float]) -> None:
    stage = Stage({**RULE, **limit})
    assert stage.show([track(1, IN, **below)]) == ()  # type: ignore[arg-type]
    assert len(stage.show([track(1, IN, **at_limit)])) == 1  # type: ignore[arg-type]


def test_a_score_that_wavers_does_not_end_the_event() -> None:
    stage = Stage({**RULE, "min_score": 0.6})
    stage.play(1, {1: stay(IN)}, score=0.7)
    stage.play(8, {1: stay(IN)}, score=0.5)
    assert [event.phase for event in stage.events] == [Phase.START]


def test_cooldown_keeps_the_next_event_back_until_it_is_over() -> None:
    stage = Stage({**RULE, "cooldown": "20s"}).play(40, {1: stay(IN, 0, 1), 2: stay(IN, 10, 12), 3: stay(IN, 15, 26)})
    assert stage.table() == [
        ("e1", "start", 0.0), ("e1", "end", 2.8), ("e2", "start", 22.8), ("e2", "end", 27.8),
    ]  # fmt: skip
    assert stage.rules.states()[0].suppressed == 1  # the second person came and went unseen by the ward


def test_cooldown_counts_from_the_end_of_the_last_event() -> None:
    stage = Stage({**RULE, "cooldown": "0s"}).play(8, {1: stay(IN, 0, 1), 2: stay(IN, 3, 4)})
    assert [event.id for event in stage.events] == ["e1", "e1", "e2", "e2"]


@pytest.mark.parametrize("reason", list(EndReason))
def test_closing_ends_with_its_reason_and_forgets(reason: EndReason) -> None:
    stage = Stage({**RULE, "cooldown": "0s"}).play(1, {1: stay(IN)})
    (end,) = stage.close(reason)
    assert (end.id, end.phase, end.end_reason) == ("e1", Phase.END, reason)
    assert stage.close(reason) == ()
    stage.play(2, {1: stay(IN)})
    assert [event.id for event in stage.events] == ["e1", "e1", "e2"]
    assert stage.events[-1].objects[0].dwell_s == 0.0


def test_an_event_carries_path_and_heading_of_few_points() -> None:
    stage = Stage(RULE)
    way = tuple(Point(index / 100, 0.5) for index in range(50))
    (start,) = stage.show([track(1, IN, path=way)])
    (person,) = start.objects
    assert len(person.path) == 8
    assert (person.path[0], person.path[-1]) == (way[0], way[-1])
    assert person.heading_deg == pytest.approx(90.0)


def test_a_message_never_carries_more_than_32_objects_but_counts_all() -> None:
    stage = Stage(RULE)
    (start,) = stage.show(track(index, IN) for index in range(100))
    assert (len(start.objects), start.count) == (32, 100)


def test_the_clip_flag_is_the_rule_s() -> None:
    stage = Stage({**RULE, "clip": False}, {**RULE, "id": "filmed"}).play(0, {1: stay(IN)})
    assert [(event.rule_id, event.clip) for event in stage.events] == [("intrusion-left", False), ("filmed", True)]


def test_occupancy_is_told_now() -> None:
    stage = Stage(RULE).play(1, {1: stay(IN), 2: stay(IN), 3: stay(OUT)})
    (state,) = stage.rules.states()
    assert (state.rule_id, state.zone, state.occupancy, state.open_events) == ("intrusion-left", "left", 2, 1)
    stage.play(2, {})
    assert stage.rules.states()[0].occupancy == 0


def test_frames_slower_than_the_tolerance_keep_their_tracks() -> None:
    stage = Stage(RULE)
    for second in (0.0, 5.0, 10.0):
        stage.second = second
        stage.show([track(1, IN)])
    assert stage.table() == [("e1", "start", 0.0), ("e1", "update", 10.0)]
    assert stage.events[-1].objects[0].dwell_s == 10.0
