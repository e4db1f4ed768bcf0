from collections.abc import Mapping

import pytest

from agent.clock import Moment
from agent.config.schedule import Schedule
from agent.rules.schedule import LocalSchedule
from agent.values import EndReason
from tests.rules.stage import SAIGON, Stage, local_ns, stay

# 2026-06-01 is a Monday.
NIGHT = {"days": ["mon"], "hours": "22:00-05:00"}


def on(schedule: Mapping[str, object], local: str, zone: str = SAIGON, fold: int = 0, trusted: bool = True) -> bool:
    wall_ns = local_ns(local, zone, fold)
    return LocalSchedule(Schedule.model_validate(schedule), zone).on(Moment(0, wall_ns, trusted, "boot"))


@pytest.mark.parametrize(
    ("schedule", "local", "expected"),
    [
        ({}, "2026-06-01 00:00", True),
        ({}, "2026-06-07 23:59:59", True),
        ({"hours": "08:00-17:00"}, "2026-06-01 07:59:59", False),
        ({"hours": "08:00-17:00"}, "2026-06-01 08:00", True),
        ({"hours": "08:00-17:00"}, "2026-06-01 16:59:59", True),
        ({"hours": "08:00-17:00"}, "2026-06-01 17:00", False),
        ({"hours": "08:00-17:00", "days": ["tue"]}, "2026-06-01 09:00", False),
        ({"hours": "22:00-24:00"}, "2026-06-01 23:59:59", True),
        ({"hours": "22:00-24:00"}, "2026-06-02 00:00", False),
        (NIGHT, "2026-06-01 21:59:59", False),
        (NIGHT, "2026-06-01 22:00", True),
        (NIGHT, "2026-06-02 04:59:59", True),  # Tuesday morning belongs to Monday's span
        (NIGHT, "2026-06-02 05:00", False),
        (NIGHT, "2026-06-02 23:00", False),
        (NIGHT, "2026-06-01 03:00", False),  # Monday morning belongs to Sunday's
    ],
)
def test_days_and_hours(schedule: Mapping[str, object], local: str, expected: bool) -> None:
    assert on(schedule, local) is expected


@pytest.mark.parametrize(("fold", "expected"), [(0, True), (1, True)])
def test_the_hour_that_comes_twice_is_on_twice(fold: int, expected: bool) -> None:
    # Berlin, 2026-10-25: 02:30 comes twice.
    assert on({"hours": "02:00-03:00"}, "2026-10-25 02:30", "Europe/Berlin", fold) is expected


def test_the_local_clock_counts_on_both_sides_of_a_change() -> None:
    # Berlin, 2026-03-29: the clock goes from 02:00 to 03:00.
    night = {"hours": "22:00-05:00"}
    assert on(night, "2026-03-29 04:59", "Europe/Berlin")
    assert not on(night, "2026-03-29 05:00", "Europe/Berlin")
    assert on(night, "2026-03-28 22:00", "Europe/Berlin")


def test_an_untrusted_clock_leaves_the_rule_on() -> None:
    assert not on(NIGHT, "2026-06-01 12:00")
    assert on(NIGHT, "2026-06-01 12:00", trusted=False)


def test_a_rule_starts_with_its_hours_and_ends_with_them() -> None:
    rule = {"rule": "intrusion", "zone": "left", "schedule": {"hours": "22:00-22:01"}, "cooldown": "0s"}
    stage = Stage(rule, wall_ns=local_ns("2026-06-01 21:59:30")).play(120, {1: stay((0.2, 0.5))})
    assert [row for row in stage.table() if row[1] != "update"] == [("e1", "start", 30.0), ("e1", "end", 90.0)]
    assert stage.events[-1].end_reason is EndReason.OVER


def test_crossings_outside_the_hours_make_no_event_but_are_counted() -> None:
    rule = {"rule": "line_crossing", "line": "gate", "schedule": {"hours": "22:00-23:00"}}
    stage = Stage(rule).play(2, {1: lambda second: (0.3 + 0.2 * second, 0.5)})
    assert stage.events == []
    assert stage.rules.states()[0].total_in == 1
