"""What a cut does with its files: opens them first, writes once, gives the same bytes, beside others and the ring."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.clock import NS
from agent.footage import cut as cut_module
from agent.footage import sources
from agent.footage.boxes import pictures
from agent.footage.store import Footage
from agent.values import Clip
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, gaps_s, look, moment, recorded, wanted, write


def filled(directory: Path, video: Path) -> Footage:
    store = footage(directory, HandClock())
    write(store, recorded(video, moment(1000)))
    store.close()
    return footage(directory, HandClock())


def cut(store: Footage, target: Path, from_s: float = 1000, to_s: float = 1004) -> Clip:
    clip = store.library.cut(wanted(moment(from_s), moment(to_s)), target)
    assert clip is not None
    return clip


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def kinds(path: Path) -> list[bytes]:
    content, found, offset = path.read_bytes(), [], 0
    while offset < len(content):
        found.append(content[offset + 4 : offset + 8])
        offset += int.from_bytes(content[offset : offset + 4], "big")
    assert offset == len(content)
    return found


def test_the_same_footage_gives_the_same_bytes(drawn_h264: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_h264)
    clips = [cut(store, tmp_path / f"{number}.mp4") for number in range(2)]
    store.close()
    store = footage(tmp_path, HandClock())
    clips.append(cut(store, tmp_path / "later.mp4"))
    assert len({clip.sha256 for clip in clips}) == 1
    store.close()


def test_the_header_comes_first_and_is_written_once(drawn_h264: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_h264)
    cut(store, tmp_path / "clip.mp4")
    assert kinds(tmp_path / "clip.mp4") == [b"ftyp", b"moov", b"free", b"free", b"mdat"]
    store.close()


@pytest.mark.fault("cut", "the header needs more room than was reserved")
def test_a_header_without_room_is_moved_instead(
    drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path, drawn_h264)
    once = cut(store, tmp_path / "once.mp4")
    monkeypatch.setattr(cut_module, "HEADER_BYTES", 100)
    monkeypatch.setattr(cut_module, "PICTURE_BYTES", 0)
    moved = cut(store, tmp_path / "moved.mp4")
    store.close()
    assert kinds(tmp_path / "moved.mp4")[:2] == [b"ftyp", b"moov"]
    assert look(tmp_path / "moved.mp4") == look(tmp_path / "once.mp4")
    assert moved.gaps == once.gaps == ()
    assert moved.bytes < once.bytes
    assert list(tmp_path.glob("*.tmp")) == []


@pytest.mark.real
def test_hevc_is_tagged_for_all_players(drawn_hevc: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_hevc)
    cut(store, tmp_path / "clip.mp4")
    header = (tmp_path / "clip.mp4").read_bytes()
    assert b"hvc1" in header[: header.index(b"mdat")] and b"hev1" not in header
    store.close()


@pytest.mark.fault("cut", "its segments are removed while it runs")
def test_files_that_are_removed_meanwhile_are_cut_all_the_same(
    drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path, drawn_h264)
    whole = cut(store, tmp_path / "before.mp4")
    write_one = cut_module._write

    def removed_first(*arguments: object) -> object:
        for path in (tmp_path / "footage" / CAM).glob("*.mp4"):
            path.unlink()
        return write_one(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cut_module, "_write", removed_first)
    clip = cut(store, tmp_path / "after.mp4")
    assert (clip.sha256, clip.gaps) == (whole.sha256, ())
    store.close()


@pytest.mark.fault("cut", "its segments were removed just before")
def test_files_that_are_gone_are_gaps(drawn_h264: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_h264)
    for path in sorted((tmp_path / "footage" / CAM).glob("*.mp4"))[1:3]:
        path.unlink()
    clip = cut(store, tmp_path / "clip.mp4")
    assert [(begin, end) for begin, end, _ in gaps_s(clip)] == [(1001.0, 1003.0)]
    store.close()


def test_overlapping_cuts_at_once_while_the_ring_turns(drawn_h264: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_h264)
    wholes = {start_s: cut(store, tmp_path / f"whole-{start_s}.mp4", start_s).sha256 for start_s in (1000, 1001, 1002)}
    begin = threading.Barrier(7)

    def again(number: int) -> tuple[int, str]:
        begin.wait()
        start_s = 1000 + number % 3
        return start_s, cut(store, tmp_path / f"{number}.mp4", start_s).sha256

    def record() -> None:
        begin.wait()
        write(store, recorded(drawn_h264, moment(1010), run=2))
        store.expire()

    with ThreadPoolExecutor(7) as pool:
        recording = pool.submit(record)
        cuts = [pool.submit(again, number) for number in range(6)]
        assert all(wholes[start_s] == found for start_s, found in (one.result() for one in cuts))
        recording.result()
    store.close()


def test_no_file_stays_open(drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, drawn_h264)
    before = open_files()
    whole = cut(store, tmp_path / "clip.mp4")
    assert store.library.cut(wanted(moment(5000), moment(5001)), tmp_path / "none.mp4") is None
    monkeypatch.setattr(sources, "MOST_OPEN", 1)
    assert cut(store, tmp_path / "again.mp4").sha256 == whole.sha256
    assert open_files() == before
    store.close()


def test_pictures_are_counted_without_reading_them(drawn_h264: Path, tmp_path: Path) -> None:
    store = filled(tmp_path, drawn_h264)
    assert [pictures(path) for path in sorted((tmp_path / "footage" / CAM).glob("*.mp4"))] == [10, 10, 10, 10]
    store.close()


def test_two_runs_that_claim_the_same_moment_keep_both_files(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    for run in (1, 2):
        write(store, recorded(drawn_h264, moment(1000), run=run))
    store.close()
    files = sorted((tmp_path / "footage" / CAM).glob("*.mp4"))
    assert len(files) == 8
    assert sum(pictures(path) for path in files) == 80


@pytest.mark.parametrize("bit", [31, 30, 20])
@pytest.mark.fault("cut", "a bit of how long pictures last is turned")
def test_a_leap_in_time_costs_one_file(drawn_h264: Path, tmp_path: Path, bit: int) -> None:
    store = filled(tmp_path, drawn_h264)
    second = sorted((tmp_path / "footage" / CAM).glob("*.mp4"))[1]
    content = bytearray(second.read_bytes())
    at = content.index(b"tfhd") + 12  # flags, track, then the duration: 4 bytes each
    ticks = int.from_bytes(content[at : at + 4], "big")
    content[at : at + 4] = (ticks ^ 1 << bit).to_bytes(4, "big")
    second.write_bytes(content)
    clip = cut(store, tmp_path / "clip.mp4")
    store.close()
    ((from_s, to_s, _),) = gaps_s(clip)
    assert 1001 <= from_s <= 1001.2 and to_s == 1002, "what the files after it hold is there"
    assert clip.end_ns - clip.start_ns == 4 * NS


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.fault("cut", "random bytes of a segment are changed")
def test_whatever_a_file_holds_a_cut_goes_on(
    drawn_h264: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("any")
    store = filled(directory, drawn_h264)
    second = sorted((directory / "footage" / CAM).glob("*.mp4"))[1]
    content = bytearray(second.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        content[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    second.write_bytes(content)
    clip = cut(store, directory / "clip.mp4")
    store.close()
    assert clip.bytes > 0
    for path in (directory / "footage").glob("index.sqlite*"):
        path.unlink()
    again = footage(directory, HandClock())  # all of it is read anew
    # The others are there; the changed one may stay where it is: FFmpeg finds no memory for a box of gigabytes.
    adopted, removed = again.recovery.files_adopted, again.recovery.files_removed
    assert adopted >= 3 and len(list((directory / "footage" / CAM).glob("*.mp4"))) == 4 - removed
    again.close()
    shutil.rmtree(directory)
