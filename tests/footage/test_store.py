import stat
from itertools import pairwise
from pathlib import Path

import pytest

from agent.footage.mux import Opened
from agent.footage.stored import parse_label
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, look, moment, recorded, write


@pytest.mark.parametrize("video", ["drawn_h264", "drawn_hevc", "street_h264"])
def test_segments_begin_with_a_key_frame_and_lose_nothing(
    video: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    packets = recorded(request.getfixturevalue(video), moment(1000))
    store = footage(tmp_path, HandClock())
    write(store, packets)
    store.close()
    store = footage(tmp_path, HandClock())
    segments = store.library.find(CAM, moment(0), moment(9999))
    assert len(segments) >= 4
    assert sum(len(look(segment.path).times_s) for segment in segments) == len(packets)
    assert [segment.gap_cause for segment in segments] == ["restart"] + [None] * (len(segments) - 1)
    for before, after in pairwise(segments):
        assert after.start.mono_s == pytest.approx(before.start.mono_s + before.duration_s, abs=1e-6)
    with Opened(segments[0].path) as opened:
        pieces = [piece.data for piece in opened.pieces()]
    assert pieces == [packet.data for packet in packets[: len(pieces)]]
    store.close()


def test_nobody_else_may_read_footage(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "footage").rglob("*.mp4")}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "footage", tmp_path / "footage" / CAM)}
    assert (modes, folders) == ({0o600}, {0o700})


def test_a_file_tells_of_itself(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000, trusted=False), run=77, stamp_s=500))
    first = store.library.find(CAM, moment(0), moment(9999))[0]
    with Opened(first.path) as opened:
        label = parse_label(opened.comment)
    assert label is not None
    assert (label.cam, label.run, label.start) == (CAM, 77, moment(1000, trusted=False))
    assert (label.pts_ns, label.gap_cause) == (500 * 10**9, "restart")
    store.close()


def test_what_is_being_written_is_not_found_until_it_is_whole(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock, segment="10s")
    clock.pass_s(4)
    write(store, recorded(drawn_h264, moment(1000)))
    assert store.library.find(CAM, moment(0), moment(9999)) == ()
    assert store.library.covered_until(CAM) is None
    assert store.state(CAM).recorded_s == pytest.approx(4.0)
    clock.pass_s(56)  # the camera has fallen silent
    store.settle()
    assert [segment.duration_s for segment in store.library.find(CAM, moment(0), moment(9999))] == [pytest.approx(4.0)]
    until = store.library.covered_until(CAM)
    assert until is not None and until.mono_s == pytest.approx(1004.0)
    assert store.state(CAM).recorded_s == pytest.approx(4.0)
    assert store.state(CAM).expected_s == pytest.approx(60.0)
    store.close()


def test_why_segments_do_not_join(drawn_h264: Path, drawn_wide: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(), segment="10s")
    write(store, recorded(drawn_h264, moment(1000), run=1))
    write(store, recorded(drawn_h264, moment(1010), run=2))
    write(store, recorded(drawn_wide, moment(1014), run=2, stamp_s=4))
    lost = recorded(drawn_wide, moment(1020), run=2, stamp_s=10)
    store.write(lost[0], lost=3)
    write(store, lost[1:])
    store.close()
    store = footage(tmp_path, HandClock())
    causes = [segment.gap_cause for segment in store.library.find(CAM, moment(0), moment(9999))]
    assert causes == ["restart", "reconnect", "format_changed", "dropped"]
    store.close()


def test_recording_waits_for_a_key_frame(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    packets = recorded(drawn_h264, moment(1000))
    write(store, packets[5:])
    assert store.state(CAM).dropped_packets == 5
    store.close()
    store = footage(tmp_path, HandClock())
    assert store.library.find(CAM, moment(0), moment(9999))[0].start.mono_s == pytest.approx(1001.0)
    store.close()


@pytest.mark.fault("D33", "footage: dated once the clock is set")
def test_dates_are_set_right_when_the_clock_is(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(trusted=False)
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000, trusted=False)))
    assert store.redate(clock) == 0
    clock.trust, clock.wall_offset_ns = True, clock.wall_offset_ns + 7200 * 10**9
    assert store.redate(clock) == 3
    store.close()
    store = footage(tmp_path, clock)
    starts = [segment.start for segment in store.library.find(CAM, moment(0), moment(9999))]
    assert [start.trusted for start in starts] == [True] * 4  # the one that was open then as well
    assert {start.wall_ns - start.mono_ns for start in starts} == {clock.wall_offset_ns}
    store.close()


def test_ranges_of_another_boot_are_found_by_the_wall_clock(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000, "boot-a")))
    write(store, recorded(drawn_h264, moment(50, "boot-b", trusted=False), run=2))
    write(store, recorded(drawn_h264, moment(2000, "boot-c"), run=3))
    store.close()
    store = footage(tmp_path, HandClock())

    def boots(boot: str, start_s: float, end_s: float, trusted: bool = True) -> set[str]:
        start, end = moment(start_s, boot, trusted), moment(end_s, boot, trusted)
        return {segment.start.boot_id for segment in store.library.find(CAM, start, end)}

    assert boots("boot-a", 1000, 1001) == {"boot-a"}
    assert boots("boot-c", 990, 2003) == {"boot-a", "boot-c"}  # what the ward asks for in wall time
    assert boots("boot-c", 0, 100) == set()  # boot-b's clock was not right
    assert boots("boot-b", 40, 52, trusted=False) == {"boot-b"}
    assert boots("boot-b", 990, 1003, trusted=False) == set()
    assert boots("boot-x", 0, 9999) == {"boot-a", "boot-b", "boot-c"}
    store.close()
