"""The envelope tells the truth at the moment of leaving, also after the clock was set or the node restarted."""

import json
from typing import Any

import pytest

from agent.clock import NS, Clock, Moment
from agent.contract.base import parse_utc, utc
from agent.contract.envelope import Envelope, seal

TOPIC = "camera/v1/ward-1/node-7/cam/gate/event/intrusion"
T0 = 1_780_000_000 * NS


class SetClock(Clock):
    """A clock that a test sets by hand."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.boot_id = moment.boot_id

    def now(self) -> Moment:
        return self.moment

    @property
    def error_ms(self) -> int | None:
        return 3


def sealed(body: dict[str, Any], at: Moment, now: Moment, seq: int | None = 5) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(seal(json.dumps(body).encode(), TOPIC, at, SetClock(now), seq))
    return result


def test_the_envelope_is_added_to_the_body() -> None:
    at = Moment(10 * NS, T0, True, "boot-a")
    payload = sealed({"schema": "event/1", "id": "x"}, at, at.shifted(2))
    assert payload == {
        "schema": "event/1",
        "id": "x",
        "node": "node-7",
        "seq": 5,
        "boot_id": "boot-a",
        "sent_utc": utc(T0 + 2 * NS),
        "clock": {"trusted": True, "source": "ntp", "error_ms": 3},
    }
    assert Envelope.model_validate(payload).node == "node-7"


def test_times_written_before_the_clock_was_set_are_put_right() -> None:
    at = Moment(10 * NS, 1000 * NS, False, "boot-a")
    now = Moment(25 * NS, T0, True, "boot-a")
    body = {"started_utc": utc(998 * NS), "media": {"clip": {"gaps": [{"from_utc": utc(1000 * NS)}]}}, "n": 1}
    payload = sealed(body, at, now)
    assert payload["started_utc"] == utc(T0 - 17 * NS)
    assert payload["media"]["clip"]["gaps"][0]["from_utc"] == utc(T0 - 15 * NS)
    assert payload["corrected"] is True
    assert payload["clock"]["trusted"] is True


def test_times_of_an_earlier_boot_with_an_unset_clock_stay_and_are_marked() -> None:
    at = Moment(10 * NS, 1000 * NS, False, "boot-a")
    payload = sealed({"started_utc": utc(998 * NS)}, at, Moment(25 * NS, T0, True, "boot-b"))
    assert payload["started_utc"] == utc(998 * NS)
    assert "corrected" not in payload
    assert payload["clock"]["trusted"] is False
    assert payload["late"] is True
    assert payload["boot_id"] == "boot-a"


@pytest.mark.parametrize(("age_s", "late"), [(59.0, False), (61.0, True)])
def test_late_is_more_than_a_minute(age_s: float, late: bool) -> None:
    at = Moment(10 * NS, T0, True, "boot-a")
    assert sealed({}, at, at.shifted(age_s)).get("late", False) is late


def test_late_is_told_over_a_restart_by_two_set_clocks() -> None:
    at = Moment(10 * NS, T0, True, "boot-a")
    assert "late" not in sealed({}, at, Moment(0, T0 + 30 * NS, True, "boot-b"))
    assert sealed({}, at, Moment(0, T0 + 90 * NS, True, "boot-b"))["late"] is True


@pytest.mark.parametrize("body", [b"[1]", b"no json"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    at = Moment(0, T0, True, "boot-a")
    with pytest.raises(ValueError):
        seal(body, TOPIC, at, SetClock(at))


def test_a_topic_of_nobody_is_refused() -> None:
    at = Moment(0, T0, True, "boot-a")
    with pytest.raises(ValueError, match="not a node's topic"):
        seal(b"{}", "camera/v1/ward-1", at, SetClock(at))


def test_times_go_there_and_back() -> None:
    assert utc(0) == "1970-01-01T00:00:00.000Z"
    assert utc(T0 + 250_999_999) == "2026-05-28T20:26:40.250Z"
    assert parse_utc(utc(T0 + 7 * 10**6)) == T0 + 7 * 10**6
