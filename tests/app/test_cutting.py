"""A clip is cut just before it can leave; earlier only where the ring might lose its footage."""

from dataclasses import dataclass
from typing import Any

import pytest

from agent.app.cutting import Cutting, CuttingDoors
from agent.clock import Moment
from agent.config.model import Config
from agent.values import ClipWanted
from tests.capture.clocks import HandClock

HOUR_S = 3600.0


def config(upload: bool = True, max_days: int = 30) -> Config:
    tree: dict[str, Any] = {
        "node": {"ward": "w", "id": "n"},
        "mqtt": {"url": "mqtt://127.0.0.1"},
        "insecure": True,
        "retention": {"max_days": max_days},
        "footage": {"budget": "1GB", "keep_free": "100MB"},
        "cameras": [{"id": "gate", "source": "rtsp://192.0.2.1/"}],
    }
    return Config.model_validate(tree | ({"upload": {"url": "http://127.0.0.1/files/"}} if upload else {}))


@dataclass
class Rooms:
    """What the spool and the ring would say."""

    waiting: tuple[int, ...] = ()  # priorities of finished clips
    used: int = 500_000_000
    free: int = 10**9

    def doors(self) -> CuttingDoors:
        return CuttingDoors(
            ahead=lambda priority: sum(one <= priority for one in self.waiting),
            used=lambda: self.used,
            free=lambda: self.free,
        )


def wanted(start: Moment, priority: int = 150) -> ClipWanted:
    return ClipWanted("e1", "gate", start, start.shifted(20), start.shifted(30), priority)


@pytest.mark.parametrize(("waiting", "waits"), [((), False), ((150,), False), ((150, 150), True), ((130, 150), True)])
def test_two_are_cut_ahead(waiting: tuple[int, ...], waits: bool) -> None:
    clock = HandClock()
    assert Cutting(config(), Rooms(waiting).doors(), clock).may_wait(wanted(clock.now())) is waits


def test_one_that_is_asked_for_is_cut_at_once_however_many_wait_behind_it() -> None:
    clock = HandClock()
    cutting = Cutting(config(), Rooms((130, 150, 170, 170)).doors(), clock)
    assert not cutting.may_wait(wanted(clock.now(), priority=60))


def test_where_no_clip_leaves_it_is_cut_as_it_comes() -> None:
    clock = HandClock()
    assert not Cutting(config(upload=False), Rooms((1, 1, 1)).doors(), clock).may_wait(wanted(clock.now()))


@pytest.mark.parametrize(
    ("rooms", "waits"),
    [
        (Rooms((1, 1)), True),
        (Rooms((1, 1), used=1_010_000_000), True),
        (Rooms((1, 1), used=1_050_000_000), False),
        (Rooms((1, 1), free=60_000_000), False),
    ],
    ids=["room", "just full", "full of what is wanted", "others fill the disk"],
)
def test_it_is_cut_before_the_ring_would_lose_it(rooms: Rooms, waits: bool) -> None:
    clock = HandClock()
    assert Cutting(config(), rooms.doors(), clock).may_wait(wanted(clock.now())) is waits


def test_pressure_is_looked_for_again() -> None:
    clock, rooms = HandClock(), Rooms((1, 1))
    cutting = Cutting(config(), rooms.doors(), clock)
    assert cutting.may_wait(wanted(clock.now()))
    rooms.used = 2_000_000_000
    clock.pass_s(11)
    assert not cutting.may_wait(wanted(clock.now()))


@pytest.mark.parametrize(("max_days", "hours"), [(30, 72.0), (1, 19.2)])
def test_the_ring_is_the_store_for_72_hours_or_most_of_its_age(max_days: int, hours: float) -> None:
    clock = HandClock()
    cutting = Cutting(config(max_days=max_days), Rooms((1, 1)).doors(), clock)
    start = clock.now()
    clock.pass_s((hours - 0.1) * HOUR_S)
    assert cutting.may_wait(wanted(start))
    clock.pass_s(0.2 * HOUR_S)
    assert not cutting.may_wait(wanted(start))


def test_the_age_of_another_boot_is_told_by_right_clocks_alone() -> None:
    clock = HandClock()
    now = clock.now()
    long_ago = Moment(5, now.wall_ns - round(80 * HOUR_S * 1e9), True, "another boot")
    cutting = Cutting(config(), Rooms((1, 1)).doors(), clock)
    assert not cutting.may_wait(wanted(long_ago))
    unknown = Moment(5, long_ago.wall_ns, False, "another boot")
    assert cutting.may_wait(wanted(unknown))
