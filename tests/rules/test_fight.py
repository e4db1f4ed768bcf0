import math

import pytest

from agent.values import EndReason
from tests.rules.stage import Script, Stage, stay, walk

RULE = {"rule": "fight", "zone": "left", "after": "3s", "cooldown": "0s"}


def pushed(x: float, phase: float, start: float = 0.0, end: float = 1e9, width: float = 0.08) -> Script:
    """To and fro by almost a box's width on either side, once a second and a bit."""

    def at(second: float) -> tuple[float, float]:
        if not start <= second < end:
            return (x, 0.6)
        return (x + width * math.sin(5.0 * second + phase), 0.6 + 0.03 * math.sin(7.0 * second + phase))

    return at


FIGHT = {1: pushed(0.2, 0.0), 2: pushed(0.3, 1.5)}


def test_two_who_push_each_other_about_are_told() -> None:
    stage = Stage(RULE).play(16, {1: pushed(0.2, 0, 0, 8), 2: pushed(0.3, 1.5, 0, 8)})
    assert [row[:2] for row in stage.table()] == [("e1", "start"), ("e1", "end")]
    # Two seconds to know how they move, three for which they must.
    assert 4.9 <= stage.table()[0][2] <= 6.0
    assert stage.events[0].count == 2


@pytest.mark.parametrize(("end", "fires"), [(3.0, False), (7.0, True)])
def test_it_must_last(end: float, fires: bool) -> None:
    stage = Stage(RULE).play(15, {1: pushed(0.2, 0, 0, end), 2: pushed(0.3, 1.5, 0, end)})
    assert bool(stage.events) is fires


def test_one_alone_dances() -> None:
    assert Stage(RULE).play(15, {1: pushed(0.2, 0)}).events == []


def test_two_far_apart_do_not_fight() -> None:
    assert Stage(RULE).play(15, {1: pushed(0.1, 0), 2: pushed(0.42, 1.5, width=0.06)}).events == []


def test_walking_together_is_not_fighting() -> None:
    pair = {1: walk((0.02, 0.6), (0.4, 0.6), 0, 3), 2: walk((0.08, 0.6), (0.46, 0.6), 0, 3)}
    assert Stage(RULE).play(15, pair).events == []


def test_standing_together_with_boxes_that_jitter_is_not_either() -> None:
    def jitters(x: float, phase: float) -> Script:
        # A twentieth of the height, a tenth of the width, anew in each frame.
        return lambda s: (x + 0.01 * math.sin(40 * s + phase), 0.6 + 0.01 * math.cos(33 * s + phase))

    assert Stage(RULE).play(30, {1: jitters(0.2, 0), 2: jitters(0.28, 1), 3: jitters(0.36, 2)}).events == []


def test_more_can_be_asked_for() -> None:
    three = {**FIGHT, 3: pushed(0.4, 3.0, width=0.06)}
    rule = {**RULE, "count": 3}
    assert Stage(rule).play(12, FIGHT).events == []
    assert Stage(rule).play(12, three).events != []


def test_somebody_who_looks_on_takes_no_part() -> None:
    stage = Stage(RULE).play(8, {**FIGHT, 3: stay((0.4, 0.6))})
    assert {one.track for one in stage.events[0].objects} == {1, 2}


def test_classes_zone_age_and_restart() -> None:
    assert Stage(RULE).play(12, FIGHT, "dog").events == []
    assert Stage({**RULE, "min_age": "60s"}).play(12, FIGHT).events == []
    assert Stage(RULE).play(12, {1: pushed(0.7, 0), 2: pushed(0.8, 1.5)}).events == []
    stage = Stage(RULE).play(4, FIGHT)
    stage.close(EndReason.RESTART)
    assert stage.play(8, FIGHT).events == []
