"""What waits for a push is bounded and new; stamps only grow."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from agent.clock import NS, MediaClock, Moment
from agent.uplink.live.ladder import LATE, SETTLED_S, Lateness, Rung, lower
from agent.uplink.live.pictures import Stamps
from agent.uplink.live.tap import LIMIT_BYTES, Tap
from agent.values import Packet, StreamFormat

FORM = StreamFormat("h264", 64, 48, Fraction(1, 1000), b"x")


def at(seconds: float) -> Moment:
    return Moment(round(seconds * NS), 0, True, "boot")


def packet(seconds: float, *, key: bool = False, size: int = 100, cam: str = "gate", run: int = 1) -> Packet:
    ms = round(seconds * 1000)
    return Packet(cam, run, at(seconds), ms, ms, 100, key, FORM, bytes(size))


def stream(first: int, last: int, gop: int = 10, size: int = 100) -> Sequence[Packet]:
    """Pictures number `first` to before `last`, ten a second."""
    return [packet(number / 10, key=number % gop == 0, size=size) for number in range(first, last)]


def taken(tap_watch: object) -> list[float]:
    found = []
    while (one := tap_watch.packet(0.0)) is not None:  # type: ignore[attr-defined]  # a Watch
        found.append(one.at.mono_s)
    return found


def test_nothing_is_kept_while_nobody_looks() -> None:
    tap = Tap(MediaClock())
    watch = tap.watch("yard", frames=False)
    tap.packets(stream(0, 50))
    tap.leave(watch)
    tap.packets([packet(5.0, key=True, cam="yard")])
    assert taken(watch) == []


def test_it_begins_with_a_key_picture() -> None:
    tap = Tap(MediaClock())
    watch = tap.watch("gate", frames=False)
    tap.packets(stream(5, 13))
    assert taken(watch) == [1.0, 1.1, 1.2]
    assert (watch.dropped, watch.late) == (0, 0)


def test_who_falls_behind_goes_on_at_the_newest_key_picture() -> None:
    tap = Tap(MediaClock())
    watch = tap.watch("gate", frames=False)
    tap.packets(stream(0, 23))
    assert taken(watch) == [2.0, 2.1, 2.2]
    assert (watch.dropped, watch.late) == (20, 1)


def test_in_a_long_group_all_is_left_out_up_to_the_next_key_picture() -> None:
    tap = Tap(MediaClock())
    watch = tap.watch("gate", frames=False)
    tap.packets(stream(0, 45, gop=40))
    assert taken(watch) == [4.0, 4.1, 4.2, 4.3, 4.4]
    assert watch.late == 1


def test_memory_is_bounded_whatever_the_camera_sends() -> None:
    tap = Tap(MediaClock())
    watch = tap.watch("gate", frames=False)
    tap.packets([packet(number / 1000, key=number == 0, size=LIMIT_BYTES // 10) for number in range(30)])
    assert watch._bytes <= LIMIT_BYTES
    assert watch.dropped > 0


def test_a_streams_rate_is_measured_and_forgotten() -> None:
    clock = MediaClock()
    tap = Tap(clock)
    assert tap.stream("gate") is None
    for second in range(1, 8):
        clock.advance(float(second))
        tap.packets([packet(second, key=True, size=125_000)])
    found = tap.stream("gate")
    assert found is not None and found.kbps == pytest.approx(1000) and found.codec == "h264"
    clock.advance(30.0)
    assert tap.stream("gate") is None


def test_cameras_that_are_looked_at_by_frames_do_not_doze() -> None:
    told: list[tuple[str, bool]] = []
    tap = Tap(MediaClock(), lambda cam, watched: told.append((cam, watched)))
    watch = tap.watch("gate", frames=True)
    tap.leave(watch)
    tap.leave(watch)
    tap.leave(tap.watch("gate", frames=False))
    assert told == [("gate", True), ("gate", False)]


def test_stamps_begin_at_nought_and_go_on_over_a_new_run_of_the_camera() -> None:
    stamps = Stamps(FORM)
    first = [stamps.coded(packet(100.0 + number / 10)) for number in range(3)]
    assert [one.dts for one in first] == [0, 100, 200]
    again = Packet("gate", 2, at(103.0), 5, 5, 100, True, FORM, b"")
    assert stamps.coded(again).dts == 3000
    back = Packet("gate", 3, at(103.0), 0, 0, 100, True, FORM, b"")
    assert stamps.coded(back).dts == 3001


def test_the_rate_goes_down_to_a_small_picture_by_halves_and_ends() -> None:
    rungs = [Rung(3000, encoded=False)]
    while (rung := lower(rungs[-1], 5000.0)) is not None:
        rungs.append(rung)
    assert [one.kbps for one in rungs] == [3000, 800, 400, 200, 100]
    assert all(one.encoded for one in rungs[1:])


@pytest.mark.parametrize(
    ("carried_kbps", "kbps"), [(5000.0, 800), (400.0, 300), (0.0, 200)], ids=["much", "little", "nothing"]
)
def test_what_the_line_carried_tells_how_far_down(carried_kbps: float, kbps: int) -> None:
    assert lower(Rung(3000, encoded=False), carried_kbps) == Rung(kbps, encoded=True)


def test_the_least_rate_is_tried_before_the_end() -> None:
    assert lower(Rung(150, encoded=True), 0.0) == Rung(64, encoded=True)
    assert lower(Rung(127, encoded=True), 5000.0) is None


def test_what_is_late_while_the_pace_is_found_tells_nothing() -> None:
    lateness = Lateness(0.0)
    assert not any(lateness.again(SETTLED_S / 2) for _ in range(10))
    assert [lateness.again(SETTLED_S + number) for number in range(LATE)] == [False] * (LATE - 1) + [True]
    rare = Lateness(0.0)
    assert not any(rare.again(100.0 * number) for number in range(1, 10))
