"""Ranges and gaps of a listing, page by page; and a long ring without an object per segment."""

import random
import tracemalloc
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clock import NS, Moment
from agent.footage.dates import Dates
from agent.footage.index import Index
from agent.footage.listing import Kept, listed
from agent.footage.stored import Stored
from agent.values import Segment, StreamFormat

BASE = 1_790_000_000 * NS
FORM = StreamFormat("h264", 1920, 1080, Fraction(1, 90_000), b"")


def kept(begin_s: float, end_s: float, size: int = 100, cause: str | None = None) -> Kept:
    return Kept(
        "x", BASE + round(begin_s * NS), BASE + round(end_s * NS), size, cause, "boot-a", round(begin_s * NS), True
    )


def seconds(ns: int) -> float:
    return (ns - BASE) / NS


def test_what_joins_is_one_range_and_a_hole_has_its_cause() -> None:
    found = listed(
        [kept(0, 10), kept(10.2, 20), kept(50, 60, cause="camera_lost"), kept(20, 30)],
        BASE - 5 * NS,
        BASE + 100 * NS,
        9,
    )
    assert [(seconds(one.from_ns), seconds(one.to_ns), one.segments) for one in found.ranges] == [
        (0, 30, 3),
        (50, 60, 1),
    ]
    told = [(seconds(gap.from_ns), seconds(gap.to_ns), gap.cause) for gap in found.gaps]
    assert told == [(-5, 0, "no_footage"), (30, 50, "camera_lost"), (60, 100, "no_footage")]
    assert found.next_ns is None


def test_the_ends_of_a_stretch_count_in_proportion() -> None:
    found = listed([kept(0, 10, 1000), kept(10, 20, 1000)], BASE + 5 * NS, BASE + 11 * NS, 9)
    (one,) = found.ranges
    assert (seconds(one.from_ns), seconds(one.to_ns), one.bytes) == (5, 11, 600)


def test_without_times_there_is_no_gap_at_the_ends() -> None:
    assert listed([kept(0, 10)], None, None, 9).gaps == ()
    assert listed([], None, None, 9).ranges == ()
    assert listed([], BASE, BASE + NS * 5, 9).gaps[0].cause == "no_footage"


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_pages_tell_what_one_page_tells(seed: int, limit: int) -> None:
    rng = random.Random(seed)
    rows, at = list[Kept](), 0.0
    for _ in range(rng.randrange(40)):
        at += rng.choice((0.0, 0.0, 0.3, 5.0, 60.0))
        length = rng.choice((0.5, 2.0, 10.0))
        rows.append(kept(at, at + length, rng.randrange(10**6), rng.choice((None, "camera_lost"))))
        at += length
    rng.shuffle(rows)
    whole = listed(rows, None, None, 10**6)
    ranges, gaps, begin = list[object](), list[object](), None
    for _ in range(100):
        page = listed(rows, begin, None, limit)
        ranges += [(one.from_ns // NS, one.to_ns // NS, one.segments) for one in page.ranges]
        gaps += [(gap.from_ns // NS, gap.to_ns // NS, gap.cause) for gap in page.gaps]
        begin = page.next_ns
        if begin is None:
            break
    assert ranges == [(one.from_ns // NS, one.to_ns // NS, one.segments) for one in whole.ranges]
    assert gaps == [(gap.from_ns // NS, gap.to_ns // NS, gap.cause) for gap in whole.gaps]


def filled(directory: Path, count: int, trusted: bool = True) -> Index:
    index = Index(directory, Dates(directory))
    for number in range(count):
        at = Moment(number * 10 * NS, BASE + number * 10 * NS, trusted, "boot-a")
        index.add(Stored(Segment(0, "gate", 1, directory / "gate" / f"{number:08d}.mp4", at, 10.0, 1000, FORM), 0))
        if number % 4000 == 0:
            index.enter()
    return index


def test_the_index_is_read_row_after_row(tmp_path: Path) -> None:
    index = filled(tmp_path, 20_000)
    first = index.all("gate")[0]
    index.remove([first])
    tracemalloc.start()
    try:
        found = listed(index.kept("gate"), None, None, 200)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    (one,) = found.ranges
    assert (one.segments, one.bytes) == (19_999, 19_999_000), "also what is not entered yet, without what is gone"
    assert peak < 4_000_000
    assert list(index.kept("yard")) == []
    index.close()


@pytest.mark.parametrize("known", [False, True])
def test_footage_without_a_date_is_left_out_until_its_boot_has_one(tmp_path: Path, known: bool) -> None:
    index = filled(tmp_path, 10, trusted=False)
    index.enter()
    if known:
        index.close()
        dates = Dates(tmp_path)
        dates.learn("boot-a", BASE + 3600 * NS, ["boot-a"])
        index = Index(tmp_path, dates)
    found = listed(index.kept("gate"), None, None, 9)
    assert [seconds(one.from_ns) for one in found.ranges] == ([3600.0] if known else [])
    index.close()
