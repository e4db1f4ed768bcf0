from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from agent.footage.ranges import Ranges, stretches_of
from agent.footage.ring import SPARE_FILES, Marks, Room, over_budget
from agent.footage.stored import Stored
from agent.values import ClipWanted, Evicted, OutgoingClip, Segment, StreamFormat
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, moment, recorded, wanted, write

FORM = StreamFormat("h264", 2, 2, Fraction(1, 10), b"")
DAY_S = 86400


def row(number: int, start_s: float, trusted: bool = True, size: int = 100) -> Stored:
    start = moment(start_s, trusted=trusted)
    return Stored(Segment(number, CAM, 1, Path(f"{number}.mp4"), start, 10.0, size, FORM), 0)


TEN = [row(number, 10 * number) for number in range(10)]


def gone(room: Room, marks: Marks | None = None, rows: Sequence[Stored] = TEN) -> list[tuple[int, str]]:
    victims = over_budget(lambda: rows, len(rows), room, marks or Marks())
    return [(victim.stored.segment.id, victim.kind.value) for victim in victims]


def ranges(*wanted: ClipWanted) -> Ranges:
    return Ranges(part for one in wanted for part in stretches_of(one))


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
    assert gone(room) == [(number, "unwanted") for number in expected]


def test_what_a_clip_waits_for_stays_while_that_is_possible() -> None:
    marks = Marks(pending=ranges(wanted(moment(15), moment(25))))  # rows 1 and 2
    assert gone(Room(1000, 950, 500, 0), marks) == [(0, "unwanted")]
    few = TEN[:4]
    assert gone(Room(400, 380, 500, 0), marks, few) == [(0, "unwanted")]
    assert gone(Room(400, 90, 500, 0), marks, few) == [
        *[(0, "unwanted"), (3, "unwanted")],
        *[(1, "pending"), (2, "pending")],  # 301 bytes are over the budget by more than a tenth
    ]
    elsewhere = wanted(moment(1015, "boot-b"), moment(1025, "boot-b"))
    assert gone(Room(1000, 910, 500, 0), Marks(pending=ranges(elsewhere))) == [(0, "unwanted")]


def test_what_is_held_never_goes_however_much_of_it_lies_in_front() -> None:
    rows = [row(number, 10 * number) for number in range(2000)]
    marks = Marks(held=ranges(wanted(moment(0), moment(9_995), "held")))  # the first thousand
    room = Room(used=200_000, budget=199_950, free=500, keep_free=0)
    assert gone(room, marks, rows)[0] == (1000, "unwanted")
    everything = Marks(held=ranges(wanted(moment(0), moment(99_999), "held")))
    assert gone(Room(200_000, 1, 0, 10**9), everything, rows) == []


def test_what_the_ward_has_goes_first_but_only_of_the_older_half() -> None:
    marks = Marks(delivered=ranges(wanted(moment(30), moment(50)), wanted(moment(70), moment(90))))  # 3, 4, 7, 8
    room = Room(1000, 700, 500, 0)
    assert gone(room, marks) == [(3, "delivered"), (4, "delivered"), (0, "unwanted"), (1, "unwanted")]
    partly = Marks(delivered=ranges(wanted(moment(31), moment(39))))
    assert gone(Room(1000, 950, 500, 0), partly) == [(0, "unwanted")]


def test_others_who_fill_the_disk_push_footage_no_further_than_its_floor() -> None:
    assert [number for number, _ in gone(Room(1000, 2000, 0, 10**6, floor=750))] == [0, 1, 2]
    assert gone(Room(750, 2000, 0, 10**6, free_files=0, floor=750)) == []
    assert gone(Room(1000, 300, 0, 0, floor=750)) == [(number, "unwanted") for number in range(8)]  # its own bound


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
    assert store.expire() == 3
    assert store.library.find(CAM, moment(0), moment(9999)) == ()
    store.close()


def test_each_kind_is_counted_through_the_store(street_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=5000)
    store = footage(tmp_path, clock, segment="2s", budget="10MB")
    write(store, recorded(street_h264, moment(1000)))
    write(store, recorded(street_h264, moment(1012), run=2))
    at_ward = [moment(at).wall_ns for at in (1003.5, 1008.5)]
    store.delivered(OutgoingClip("clip", CAM, Path("clip.mp4"), at_ward[0], at_ward[1], 1, ""))

    def until(done: Callable[[Evicted], bool], run: int) -> None:
        for number in range(100):
            for packet in recorded(street_h264, moment(run + 12 * number), run=run + number):
                store.write(packet)
                if packet.key and store.expire() and done(store.state(CAM).evicted):
                    return
                assert store.state(CAM).bytes < 12 * 10**6

    until(lambda evicted: evicted != Evicted(), run=2000)
    first = store.state(CAM).evicted
    assert first == Evicted(delivered=first.delivered) and first.delivered in (1, 2)
    left = [one.start.mono_s for one in store.library.find(CAM, moment(0), moment(1012))]
    assert left == [1000, 1002, *[1004, 1006][first.delivered :], 1008, 1010]
    store.pin([wanted(moment(0), moment(9999))])
    until(lambda evicted: evicted.pending > 0, run=5000)
    assert store.state(CAM).evicted.unwanted == 0
    store.close()
