"""One budget: the cap with messages in it, the day's megabytes over restarts and wrong clocks, the quiet hours."""

import logging
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from agent.clock import FLOOR_WALL_NS, MediaClock, Moment
from agent.config.model import UplinkSection
from agent.uplink.governor import Governor
from agent.uplink.ledger import KEEP_EVERY_S
from agent.uplink.stats import LinkStats
from agent.values import Rest
from tests.uplink.shelf import NS, make_governor

HOUR_NS = 3600 * NS
MIDNIGHT_NS = FLOOR_WALL_NS + 17 * HOUR_NS  # in Hanoi
MB = 1_000_000


class UnsetClock(MediaClock):
    """Nobody has set it yet."""

    is_set = False

    def trusted(self) -> bool:
        return self.is_set

    def now(self) -> Moment:
        return replace(super().now(), trusted=self.is_set)


def governor(
    clock: MediaClock, file: Path | None = None, stats: LinkStats | None = None, **section: object
) -> Governor:
    given = UplinkSection.model_validate({"yields": False, **section})
    return make_governor(given, stats or LinkStats(), clock, file)


def test_clips_make_room_for_messages() -> None:
    stats = LinkStats()
    shared = governor(MediaClock(), stats=stats, max_kbps=80)
    alone_s = governor(MediaClock(), max_kbps=80).take(5000)
    stats.published(10_000)
    assert shared.take(5000) == pytest.approx(alone_s + 1.0)
    assert shared.state().mb_today == 0.0  # 15 kB
    stats.published(MB)
    assert shared.state().mb_today == pytest.approx(1.0, abs=0.05)


def test_the_days_megabytes_hold_clips_back_and_never_messages() -> None:
    clock, stats = MediaClock(MIDNIGHT_NS), LinkStats()
    day = governor(clock, stats=stats, mb_per_day=2)
    day.take(MB)
    assert not day.rests()
    stats.published(MB)
    assert day.rests()
    assert day.state().waiting == "day_spent"
    stats.published(MB)
    assert day.state().mb_today == 3.0
    clock.advance(24 * 3600.0)  # the next midnight in Hanoi
    assert not day.rests()
    assert day.state().mb_today == 0.0


def test_a_day_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock, file = MediaClock(MIDNIGHT_NS), tmp_path / "data" / "uplink.json"
    first = governor(clock, file, mb_per_day=2)
    first.take(2 * MB)
    first.close()
    assert governor(clock, file, mb_per_day=2).rests()
    tomorrow = MediaClock(MIDNIGHT_NS + 24 * HOUR_NS)
    assert not governor(tomorrow, file, mb_per_day=2).rests()


def test_a_crash_forgets_at_most_a_fiftieth_of_the_day(tmp_path: Path) -> None:
    clock, file = MediaClock(MIDNIGHT_NS), tmp_path / "uplink.json"
    first = governor(clock, file, mb_per_day=100)
    for minute in range(1, 31):
        clock.advance(minute * (KEEP_EVERY_S + 1))
        first.take(2 * MB)
    again = governor(clock, file, mb_per_day=100)
    assert again.state().mb_today >= 60 - 2
    written = file.stat().st_mtime_ns
    first.take(1000)  # not worth a write
    assert file.stat().st_mtime_ns == written


def test_crashes_within_a_minute_do_not_spend_the_day_again_and_again(tmp_path: Path) -> None:
    clock, file = MediaClock(MIDNIGHT_NS), tmp_path / "uplink.json"
    sent = lives = 0
    while lives < 100:
        lives += 1
        life = governor(clock, file, mb_per_day=10)
        while not life.rests() and sent < lives * MB:
            life.take(50_000)
            sent += 50_000
        if life.rests():
            break
    # Each life may forget less than a fiftieth.
    assert sent <= 10 * MB + lives * 10 * MB // 50 and lives < 20


@pytest.mark.parametrize("content", [b"", b"{}", b'{"date": 3, "sent": "x"}', b"\xff\x00"])
def test_a_spoilt_file_is_a_new_day(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "uplink.json"
    file.write_bytes(content)
    assert governor(MediaClock(), file, mb_per_day=1).state().mb_today == 0.0


def test_a_disk_that_fails_does_not_stop_the_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    broken = governor(MediaClock(), tmp_path / "file" / "uplink.json", mb_per_day=1)
    broken.take(MB)
    broken.close()
    assert broken.rests()
    assert "could not be written" in caplog.text


def test_without_a_trusted_clock_a_day_is_24_hours() -> None:
    clock = UnsetClock(MIDNIGHT_NS - 2 * HOUR_NS)
    day = governor(clock, mb_per_day=1)
    day.take(MB)
    clock.advance(3 * 3600.0)  # past a midnight that nobody vouches for
    assert day.rests()
    clock.advance(24 * 3600.0)
    assert not day.rests()


class SteppingClock(MediaClock):
    """Trusted, and set anew by `step_s`."""

    step_s = 0

    def now(self) -> Moment:
        moment = super().now()
        return replace(moment, wall_ns=moment.wall_ns + self.step_s * 10**9)


def test_a_clock_that_steps_over_midnight_and_back_gives_no_day_twice(tmp_path: Path) -> None:
    clock, file = SteppingClock(MIDNIGHT_NS + 12 * HOUR_NS), tmp_path / "uplink.json"
    day = governor(clock, file, mb_per_day=1)
    given: list[int] = []
    for hour in range(60):
        clock.advance(hour * 3600.0)
        clock.step_s = 86_400 * (hour % 2)
        if not day.rests():
            given.append(hour)
            day.take(MB)
    assert given[:2] == [0, 1]  # that of the day, and that of the one it was told had begun
    assert all(after - one >= 20 for one, after in pairwise(given[1:])) and len(given) > 2
    day.close()
    clock.step_s -= 2 * 86_400
    assert governor(clock, file, mb_per_day=1).rests()  # it starts with an earlier date than it was told before


def test_days_are_as_long_as_the_calendar_says_where_the_clock_does_not_step() -> None:
    clock = MediaClock(MIDNIGHT_NS + 22 * HOUR_NS)
    day = governor(clock, mb_per_day=1)
    given: list[int] = []
    for hour in range(80):
        clock.advance(hour * 3600.0)
        if not day.rests():
            given.append(hour)
            day.take(MB)
    assert given == [0, 2, 26, 50, 74]


def test_what_was_sent_before_the_clock_was_set_counts_for_today() -> None:
    clock = UnsetClock(MIDNIGHT_NS)
    day = governor(clock, mb_per_day=1)
    day.take(MB)
    clock.is_set = True
    assert day.rests()


def test_clips_wait_in_the_quiet_hours_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = MediaClock(MIDNIGHT_NS)
    home = governor(clock, quiet_hours="22:00-06:00")
    with caplog.at_level(logging.INFO, "agent.uplink.governor"):
        assert home.rests()
        assert home.rests()
    assert len(caplog.records) == 1
    assert (home.state().quiet, home.state().waiting) == (True, "quiet_hours")
    clock.advance(6 * 3600.0 - 1)
    assert home.rests()
    clock.advance(6 * 3600.0)
    assert not home.rests()
    clock.advance(22 * 3600.0)
    assert home.rests()


def test_until_when_clips_wait_is_told_as_far_as_a_clock_says_so() -> None:
    clock = MediaClock(MIDNIGHT_NS - HOUR_NS)
    home = governor(clock, quiet_hours="22:00-06:00")
    assert home.rest() == Rest("quiet_hours", MIDNIGHT_NS + 6 * HOUR_NS)
    clock.advance(5 * 3600.0)
    assert home.rest() == Rest("quiet_hours", MIDNIGHT_NS + 6 * HOUR_NS)
    clock.advance(7 * 3600.0)
    assert home.rest() is None
    spent = governor(clock, mb_per_day=1)
    spent.take(MB)
    assert spent.rest() == Rest("day_spent", MIDNIGHT_NS + 24 * HOUR_NS)
    unset = governor(UnsetClock(MIDNIGHT_NS), mb_per_day=1)
    unset.take(MB)
    assert unset.rest() == Rest("day_spent")


def test_an_unset_clock_keeps_nobody_quiet() -> None:
    assert not governor(UnsetClock(MIDNIGHT_NS), quiet_hours="00:00-24:00").rests()


def test_what_clips_may_take_is_told() -> None:
    assert governor(MediaClock()).state().kbps is None
    assert governor(MediaClock(), max_kbps=300).state().kbps == 300
    assert governor(MediaClock(), max_kbps=300, yields=True).state().kbps == 24  # it starts from the floor
