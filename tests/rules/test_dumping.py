from typing import Any

import pytest

from agent.values import Role, Track
from tests.rules.stage import Changed, Seen, Stage, change, moment, stay, track, walk

RULE = {"rule": "dumping", "zone": "left", "after": "10s", "cooldown": "0s"}
SPOT = (0.3, 0.6)


def carrier(start: float = 0.0, put_down: float = 4.0, leave: float = 6.0, number: int = 1) -> Seen:
    """Comes from the right, puts something down at SPOT, leaves to the right and is out of the picture 4 s later."""
    come = walk((0.9, 0.6), (0.33, 0.6), start, put_down)
    go = walk((0.33, 0.6), (0.95, 0.6), leave, leave + 4)

    def at(second: float) -> list[Track]:
        foot = come(second) or (stay((0.33, 0.6), put_down, leave)(second)) or go(second)
        return [track(number, foot)] if foot else []

    return at


def bag(since: float = 4.0, sure: float = 9.0, end: float = 1e9, **more: Any) -> Changed:
    return lambda s: [change(1, SPOT, since, s, **more)] if sure <= s < end else []


def test_fires_when_who_brought_it_has_left_and_tells_who_that_was() -> None:
    stage = Stage(RULE).run(40, carrier(), bag(end=30))
    (start, *_) = stage.table()
    # Out of reach from about 8 s on; nobody knew of the bag before 9 s.
    assert start == ("e1", "start", 19.0)
    event = stage.events[0]
    assert event.started.mono_s == pytest.approx(1004.0)
    assert [(one.label, one.track, one.role) for one in event.objects] == [
        ("object", 0, Role.OBJECT), ("person", 1, Role.NEAR),
    ]  # fmt: skip
    assert event.count == 1
    assert stage.table()[-1][1:] == ("end", 34.8)


@pytest.mark.parametrize(("until", "fires"), [(18.9, False), (19.1, True)])
def test_the_boundary_is_after(until: float, fires: bool) -> None:
    assert bool(Stage(RULE).run(until, carrier(), bag()).events) is fires


def test_while_its_owner_stands_beside_it_nothing_is_dumped() -> None:
    assert Stage(RULE).run(60, lambda s: [track(1, (0.33, 0.6))], bag()).events == []


def test_who_comes_back_has_not_left() -> None:
    away = carrier()
    back = walk((0.95, 0.6), (0.33, 0.6), 12, 16)

    def people(second: float) -> list[Track]:
        foot = back(second) or ((0.33, 0.6) if second > 16 else None)
        return [track(1, foot)] if foot else list(away(second))

    assert Stage(RULE).run(40, people, bag()).events == []


def test_a_new_number_beside_the_thing_is_the_same_person() -> None:
    beside = (0.33, 0.6)
    stage = Stage(RULE).run(40, lambda s: [track(1, beside) if s < 7 else track(2, beside, first=moment(7))], bag())
    assert stage.events == []


def test_passers_by_later_do_not_count() -> None:
    later = walk((0.0, 0.6), (1.0, 0.6), 12, 17)
    people = carrier()

    def all_of(second: float) -> list[Track]:
        foot = later(second)
        return [*people(second), *([track(9, foot)] if foot else [])]

    stage = Stage(RULE).run(20, all_of, bag())
    assert stage.table() == [("e1", "start", 19.0)]
    assert [one.track for one in stage.events[0].objects] == [0, 1]


def test_what_nobody_brought_was_not_dumped() -> None:
    assert Stage(RULE).run(60, lambda s: [track(1, (0.9, 0.9))], bag()).events == []


@pytest.mark.parametrize(("label", "fires"), [("person", False), ("car", False), ("suitcase", True), (None, True)])
def test_who_stands_there_was_not_dumped(label: str | None, fires: bool) -> None:
    assert bool(Stage(RULE).run(30, carrier(), bag(label=label)).events) is fires


def test_the_time_counts_from_when_he_left_also_where_the_thing_was_taken_for_him() -> None:
    stage = Stage(RULE).run(
        40, carrier(), lambda s: [change(1, SPOT, 4, s, label="person" if s < 25 else None)] if s >= 9 else []
    )
    assert stage.table()[0] == ("e1", "start", 25.0)


def test_outside_the_zone_nothing_is_dumped() -> None:
    stage = Stage(RULE).run(
        30, lambda s: [track(1, (0.83, 0.6))] if s < 6 else [], lambda s: [change(1, (0.8, 0.6), 4, s)]
    )
    assert stage.events == []


def test_only_who_is_of_the_classes_and_old_enough_can_have_brought_it() -> None:
    assert Stage({**RULE, "classes": ["truck"]}).run(30, carrier(), bag()).events == []
    assert Stage({**RULE, "min_age": "20s"}).run(30, carrier(), bag()).events == []
    assert Stage({**RULE, "min_travel": 0.8}).run(30, carrier(), bag()).events == []


def test_a_second_one_waits_for_the_cooldown() -> None:
    stage = Stage({**RULE, "cooldown": "60s"}).run(
        45, carrier(), lambda s: [change(1, SPOT, 4, s)] if 9 <= s < 25 else [change(2, SPOT, 5, s)] if s >= 30 else []
    )
    assert [event.phase.value for event in stage.events] == ["start", "end"]
