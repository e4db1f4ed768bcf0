from fractions import Fraction
from pathlib import Path

import pytest

from agent.clock import NS
from agent.footage.ring import SPARE_FILES, STEADY_S, AgeLimit, Room, over_budget
from agent.footage.stored import Stored
from agent.values import Segment, StreamFormat
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, moment, recorded, wanted, write

FORM = StreamFormat("h264", 2, 2, Fraction(1, 10), b"")
DAY_S = 86400


def row(number: int, start_s: float, trusted: bool = True, size: int = 100) -> Stored:
    start = moment(start_s, trusted=trusted)
    return Stored(Segment(number, CAM, 1, Path(f"{number}.mp4"), start, 10.0, size, FORM), 0)


TEN = [row(number, 10 * number) for number in range(10)]


def ids(rows: list[Stored]) -> list[int]:
    return [one.segment.id for one in rows]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (Room(used=1000, budget=1000, free=500, keep_free=500), []),
        (Room(used=1000, budget=999, free=500, keep_free=500), [0]),
        (Room(used=1000, budget=750, free=500, keep_free=500), [0, 1, 2]),
        (Room(used=1000, budget=10**12, free=100, keep_free=250), [0, 1]),  # the budget is bigger than the disk
        (Room(used=1000, budget=1, free=0, keep_free=0), list(range(10))),
        (Room(used=1000, budget=1000, free=500, keep_free=500, free_files=SPARE_FILES - 2), [0, 1]),
        (Room(used=1000, budget=1000, free=500, keep_free=500, free_files=SPARE_FILES), []),
    ],
)
def test_the_oldest_go_first_and_no_more_than_needed(room: Room, expected: list[int]) -> None:
    assert ids(over_budget(TEN, room, ())) == expected


def test_what_a_clip_waits_for_stays_while_that_is_possible() -> None:
    clip = wanted(moment(15), moment(25))  # rows 1 and 2
    assert ids(over_budget(TEN, Room(1000, 950, 500, 0), [clip])) == [0]
    assert ids(over_budget(TEN, Room(1000, 910, 500, 0), [clip])) == [0]
    assert ids(over_budget(TEN, Room(1000, 800, 500, 0), [clip])) == [0, 1]  # hard excess 120: the clip's go too
    elsewhere = wanted(moment(1015, "boot-b"), moment(1025, "boot-b"))
    assert ids(over_budget(TEN, Room(1000, 900, 500, 0), [elsewhere])) == [0]


def aged(rows: list[Stored], wall_s: float, trusted: bool = True) -> list[int]:
    return ids(AgeLimit(30.0 * DAY_S).too_old(rows, moment(wall_s, trusted=trusted)))


def test_too_old_by_a_clock_that_is_right() -> None:
    assert aged(TEN, 30 * DAY_S + 25) == [0, 1]
    assert aged(TEN, 30 * DAY_S + 5) == []


def test_a_clock_that_is_not_right_deletes_nothing() -> None:
    assert aged(TEN, 30 * DAY_S + 25, trusted=False) == []


def test_what_was_dated_wrongly_goes_with_what_came_after_it() -> None:
    rows = [row(0, 9e6, trusted=False), *TEN[1:]]
    assert aged(rows, 30 * DAY_S + 25) == [0, 1]
    assert aged([row(0, 0, trusted=False)], 99 * DAY_S) == []


def test_a_jump_deletes_no_mass_until_the_clock_has_been_steady() -> None:
    limit = AgeLimit(30.0 * DAY_S)
    clock = HandClock(mono_s=0)
    assert limit.too_old(TEN, clock.now()) == []
    clock.wall_offset_ns += 60 * DAY_S * NS
    assert limit.too_old(TEN, clock.now()) == []
    clock.pass_s(STEADY_S - 1)
    assert limit.too_old(TEN, clock.now()) == []
    clock.wall_offset_ns += 60 * DAY_S * NS  # again: the hour begins anew
    assert limit.too_old(TEN, clock.now()) == []
    clock.pass_s(2)
    assert limit.too_old(TEN, clock.now()) == []
    clock.pass_s(STEADY_S)
    assert ids(limit.too_old(TEN, clock.now())) == list(range(10))


def test_a_real_ring_stays_within_its_budget(street_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(), segment="2s", budget="10MB")
    packets = recorded(street_h264, moment(0))
    per_loop = sum(len(packet.data) for packet in packets)
    for loop in range(3 * 10**7 // per_loop):
        write(store, recorded(street_h264, moment(12 * loop), run=loop))
        store.expire()
        assert store.state(CAM).bytes <= 10**7
    files = list((tmp_path / "footage" / CAM).glob("*.mp4"))
    found = store.library.find(CAM, moment(0), moment(10**6))
    assert {one.path for one in found} == {path for path in files if ".part." not in path.name}
    assert found[0].start.mono_s > 0 and store.state(CAM).oldest_ns == found[0].start.wall_ns
    store.close()


def test_old_footage_goes_through_the_store(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock, max_days=2)
    write(store, recorded(drawn_h264, moment(1000)))
    clock.pass_s(3 * DAY_S)
    assert store.expire() == 0  # a mass, and the clock has not been watched for an hour
    clock.pass_s(STEADY_S + 1)
    assert store.expire() == 3
    assert store.library.find(CAM, moment(0), moment(9999)) == ()
    store.close()
