import pytest

from agent.values import EndReason, Phase
from tests.rules.stage import Script, Stage, stay, track, walk

RULE = {"rule": "line_crossing", "line": "gate"}
LEFT, RIGHT = (0.3, 0.5), (0.7, 0.5)


def told(stage: Stage) -> list[tuple[str | None, int]]:
    return [(event.direction, event.count) for event in stage.events]


def test_from_left_to_right_is_in_for_a_line_drawn_upwards() -> None:
    stage = Stage(RULE).play(4, {1: walk(LEFT, RIGHT, 0, 2)})
    (event,) = stage.events
    assert (event.direction, event.phase, event.end_reason) == ("in", Phase.END, EndReason.OVER)
    assert event.started == event.ended == event.at
    assert event.objects[0].dwell_s == pytest.approx(event.at.mono_s - 1000)
    assert (event.rule_id, event.zone, event.clip) == ("line-crossing-gate", None, False)


def test_from_right_to_left_is_out() -> None:
    assert told(Stage(RULE).play(4, {1: walk(RIGHT, LEFT, 0, 2)})) == [("out", 1)]


def test_there_and_back_counts_both_ways() -> None:
    def there_and_back(second: float) -> tuple[float, float]:
        return (0.3 + 0.4 * (1 - abs(second - 2) / 2), 0.5)

    stage = Stage(RULE).play(4, {1: there_and_back})
    assert told(stage) == [("in", 1), ("out", 1)]
    (state,) = stage.rules.states()
    assert (state.line, state.total_in, state.total_out, state.occupancy) == ("gate", 1, 1, None)


def test_counts_run_on_over_people_and_over_a_lost_camera() -> None:
    stage = Stage(RULE).play(3, {1: walk(LEFT, RIGHT, 0, 2), 2: walk(LEFT, RIGHT, 1, 3)})
    stage.close(EndReason.CAMERA_LOST)
    stage.play(9, {1: walk(LEFT, RIGHT, 6, 8)})
    assert told(stage) == [("in", 1), ("in", 2), ("in", 3)]


def test_after_a_lost_camera_an_equal_number_is_somebody_else() -> None:
    stage = Stage(RULE)
    stage.show([track(1, (0.47, 0.5))])
    stage.close(EndReason.CAMERA_LOST)
    stage.show([track(1, (0.53, 0.5))])
    assert stage.events == []


def test_the_other_way_makes_no_event_but_is_counted() -> None:
    stage = Stage({**RULE, "direction": "in"}).play(4, {1: walk(RIGHT, LEFT, 0, 2)})
    assert stage.events == []
    assert stage.rules.states()[0].total_out == 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(walk(LEFT, (0.495, 0.5), 0, 2), id="stops before the line"),
        pytest.param(walk(LEFT, (0.505, 0.5), 0, 2), id="stops on the line, not clearly over it"),
        pytest.param(
            lambda second: (0.5 + (0.009 if round(second * 5) % 2 else -0.009), 0.5), id="jitters on the line"
        ),
        pytest.param(walk((0.3, 0.95), (0.7, 0.95), 0, 2), id="passes below its lower end"),
        pytest.param(walk((0.3, 0.05), (0.7, 0.05), 0, 2), id="passes above its upper end"),
        pytest.param(walk((0.45, 0.1), (0.45, 0.9), 0, 2), id="walks along it"),
        pytest.param(stay(RIGHT), id="first seen beyond it"),
    ],
)
def test_what_is_no_crossing(script: Script) -> None:
    stage = Stage(RULE).play(4, {1: script})
    assert stage.events == []
    assert (stage.rules.states()[0].total_in, stage.rules.states()[0].total_out) == (0, 0)


def test_dithering_on_the_line_counts_once_when_clearly_over() -> None:
    xs = [0.4, 0.49, 0.505, 0.495, 0.508, 0.493, 0.505, 0.55, 0.6]
    stage = Stage(RULE)
    for x in xs:
        stage.second += 0.2
        stage.show([track(1, (x, 0.5))])
    assert told(stage) == [("in", 1)]


def test_around_the_end_and_back_through_counts_the_way_through_only() -> None:
    stage = Stage(RULE)
    for foot in [(0.4, 0.85), (0.4, 0.97), (0.6, 0.97), (0.6, 0.85), (0.6, 0.6), (0.4, 0.6)]:
        stage.second += 0.2
        stage.show([track(1, foot)])
    assert told(stage) == [("out", 1)]


def test_a_crossing_before_the_track_is_old_enough_counts_once_it_is() -> None:
    stage = Stage({**RULE, "min_age": "500ms"})
    for age, x in [(0.0, 0.4), (0.2, 0.6), (0.4, 0.65), (0.6, 0.7), (0.8, 0.75)]:
        stage.second = age
        stage.show([track(1, (x, 0.5), age_s=age)])
    assert [round(event.at.mono_s - 1000, 1) for event in stage.events] == [0.6]


def test_a_track_with_a_new_number_behind_the_line_goes_on() -> None:
    stage = Stage(RULE).play(3, {1: walk(LEFT, (0.48, 0.5), 0, 1), 2: walk((0.53, 0.5), RIGHT, 1.6, 3)})
    assert told(stage) == [("in", 1)]


def test_a_track_that_appears_far_away_is_somebody_else() -> None:
    stage = Stage(RULE).play(3, {1: walk(LEFT, (0.48, 0.5), 0, 1), 2: stay(RIGHT, 1.6)})
    assert stage.events == []


def test_cooldown_keeps_events_back_but_counts_go_on() -> None:
    stage = Stage({**RULE, "cooldown": "10s"})
    stage.play(16, {index: walk(LEFT, RIGHT, index, index + 2) for index in (0, 3, 6, 12)})
    assert told(stage) == [("in", 1), ("in", 4)]
    assert stage.rules.states()[0].suppressed == 2
