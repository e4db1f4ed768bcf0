from agent.values import EndReason
from tests.rules.stage import Script, Stage, stay

RULE = {"rule": "crowd", "zone": "left", "count": 3, "after": "4s", "cooldown": "0s"}


def people(number: int, start: float = 0.0, end: float = 1e9, first: int = 1) -> dict[int, Script]:
    return {first + index: stay((0.05 + 0.1 * index, 0.5), start, end) for index in range(number)}


def test_fires_when_enough_have_been_there_for_long_enough() -> None:
    stage = Stage(RULE).play(30, {**people(2), **people(1, 3, 12, first=5)})
    assert stage.table() == [("e1", "start", 7.0), ("e1", "end", 16.8)]
    assert stage.events[0].count == 3
    assert stage.events[-1].ended is not None
    assert round(stage.events[-1].ended.mono_s - 1000, 1) == 11.8


def test_one_too_few_does_not_fire() -> None:
    assert Stage(RULE).play(10, people(2)).events == []


def test_enough_but_not_for_long_enough_does_not_fire() -> None:
    assert Stage(RULE).play(20, {**people(2), **people(1, 3, 6.9, first=5)}).events == []


def test_one_hidden_for_a_moment_changes_nothing() -> None:
    hidden: Script = lambda second: None if 2 < second < 3 or 8 < second < 12 else (0.45, 0.5)  # noqa: E731
    stage = Stage(RULE).play(13, {**people(2), 9: hidden})
    assert stage.table() == [("e1", "start", 4.0)]


def test_people_outside_the_zone_do_not_count() -> None:
    assert Stage(RULE).play(10, {**people(2), 9: stay((0.8, 0.5))}).events == []


def test_after_closing_the_time_begins_anew() -> None:
    stage = Stage(RULE).play(5, people(3))
    stage.close(EndReason.CONFIG_CHANGED)
    stage.play(12, people(3))
    assert stage.table() == [("e1", "start", 4.0), ("e1", "end", 5.2), ("e2", "start", 9.2)]
