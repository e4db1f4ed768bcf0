import pytest

from agent.values import EndReason, View, ViewState
from tests.rules.stage import FRAME_S, Stage, moment

RULE = {"rule": "tamper", "after": "10s", "cooldown": "0s"}


def play(stage: Stage, until: float, state: ViewState, since: float | None) -> Stage:
    while stage.second < until - 1e-9:
        stage.show((), view=View(state, None if since is None else moment(since)))
        stage.second = round(stage.second + FRAME_S, 6)
    return stage


@pytest.mark.parametrize("state", [state for state in ViewState if state is not ViewState.OK])
def test_fires_when_the_view_has_been_bad_for_long_enough(state: ViewState) -> None:
    stage = play(Stage(RULE), 5, ViewState.OK, None)
    play(stage, 18, state, 4)
    play(stage, 30, ViewState.OK, 18)
    assert [row[:2] for row in stage.table()] == [("e1", "start"), ("e1", "end")]
    assert stage.table()[0][2] == 14.0
    assert stage.events[0].started == moment(4)
    assert stage.events[0].severity.value == "alert"


def test_a_shorter_disturbance_does_not_fire() -> None:
    stage = play(Stage(RULE), 9.8, ViewState.COVERED, 0)
    assert play(stage, 20, ViewState.OK, 9.8).events == []


def test_a_view_that_was_never_bad_does_not_fire() -> None:
    assert play(Stage(RULE), 60, ViewState.OK, None).events == []


def test_closing_ends_it() -> None:
    stage = play(Stage(RULE), 15, ViewState.MOVED, 0)
    stage.close(EndReason.CAMERA_LOST)
    assert stage.table() == [("e1", "start", 10.0), ("e1", "end", 15.0)]
