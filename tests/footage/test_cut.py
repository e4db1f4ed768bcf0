import hashlib
import shutil
import stat
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from agent.values import Clip
from tests.capture.clocks import HandClock
from tests.footage.recording import footage, gaps_s, look, moment, recorded, span_s, wanted, write


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


def test_from_the_key_frame_before_the_start_to_the_end(drawn_h264: Path, tmp_path: Path, target: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000), stamp_s=8000))
    store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(1001.35), moment(1002.35)), target)
    assert clip is not None and clip.gaps == ()
    assert span_s(clip) == (1001.0, 1002.4)
    seen = look(target)
    assert seen.numbers == tuple(range(10, 24))
    assert seen.times_s == pytest.approx([number / 10 for number in range(14)])
    assert clip.bytes == target.stat().st_size
    assert clip.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_bytes().index(b"moov") < target.read_bytes().index(b"mdat")
    assert list(tmp_path.glob("*.tmp")) == []
    store.close()


@pytest.mark.real
@pytest.mark.parametrize("video", ["street_h264", "drawn_hevc"])
def test_with_pictures_out_of_order(video: str, request: pytest.FixtureRequest, tmp_path: Path, target: Path) -> None:
    store = footage(tmp_path, HandClock(), segment="2s")
    write(store, recorded(request.getfixturevalue(video), moment(1000)))
    store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(1001.5), moment(1003.0)), target)
    assert clip is not None and clip.gaps == ()
    begin_s, end_s = span_s(clip)
    assert begin_s <= 1001.5 and end_s >= 1003.0
    times = look(target).times_s
    assert times[0] == 0.0
    assert all(after - before == pytest.approx(0.1, abs=0.001) for before, after in pairwise(times))
    assert times[-1] + 0.1 == pytest.approx(end_s - begin_s, abs=0.01)
    store.close()


@pytest.mark.real
def test_other_players_agree(street_h264: Path, tmp_path: Path, target: Path) -> None:
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("no ffprobe")
    store = footage(tmp_path, HandClock(), segment="2s")
    write(store, recorded(street_h264, moment(1000)))
    store.settle()
    assert store.library.cut(wanted(moment(1000), moment(1007)), target) is not None
    store.close()
    show = ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,start_time", "-of", "csv=p=0"]
    told = subprocess.run([ffprobe, *show, str(target)], check=True, capture_output=True, text=True)
    assert told.stderr == ""
    start, count = told.stdout.strip().split(",")
    assert float(start) == 0.0 and int(count) >= 70


def test_runs_are_joined_at_their_distance_in_time(drawn_h264: Path, tmp_path: Path, target: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000), run=1, stamp_s=5000))
    write(store, recorded(drawn_h264, moment(1010), run=2, stamp_s=0))
    store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(1003), moment(1012)), target)
    assert clip is not None
    assert gaps_s(clip) == [(1004.0, 1010.0, "reconnect")]
    times = look(target).times_s
    assert (times[0], times[9], times[10]) == pytest.approx((0.0, 0.9, 7.0))
    assert span_s(clip) == (1003.0, 1012.0)
    store.close()


def test_the_longest_part_of_one_format_is_kept(
    drawn_h264: Path, drawn_wide: Path, tmp_path: Path, target: Path
) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000), run=1))
    write(store, recorded(drawn_wide, moment(1004), run=2))
    store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(1002), moment(1008)), target)
    assert clip is not None
    assert look(target).size == (480, 180)
    assert gaps_s(clip) == [(1002.0, 1004.0, "format_changed")]
    assert span_s(clip) == (1004.0, 1008.0)
    store.close()


def test_what_is_missing_at_both_ends_is_listed(drawn_h264: Path, tmp_path: Path, target: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(995), moment(1009)), target)
    assert clip is not None
    assert gaps_s(clip) == [(995.0, 1000.0, "restart"), (1004.0, 1009.0, "no_footage")]
    store.close()


def test_nothing_is_there(drawn_h264: Path, tmp_path: Path, target: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    assert store.library.cut(wanted(moment(2000), moment(2010)), target) is None
    assert not target.exists()
    store.close()


@pytest.mark.parametrize("damage", ["gone", "garbage"])
@pytest.mark.fault("A15", "a segment damaged while a clip is cut")
def test_a_damaged_segment_is_a_gap(drawn_h264: Path, tmp_path: Path, target: Path, damage: str) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    second = store.library.find("gate", moment(1001), moment(1001.5))[-1].path
    if damage == "gone":
        second.unlink()
    else:
        second.write_bytes(b"garbage" * 1000)
    clip = store.library.cut(wanted(moment(1000), moment(1003)), target)
    assert clip is not None
    assert gaps_s(clip) == [(1001.0, 1002.0, "damaged")]
    assert len(look(target).times_s) == 20
    store.close()


def test_dates_of_a_clip_are_those_of_its_footage(drawn_h264: Path, tmp_path: Path, target: Path) -> None:
    clock = HandClock(trusted=False)
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000, trusted=False)))
    wish = wanted(moment(1001, trusted=False), moment(1002, trusted=False))
    before = store.library.cut(wish, target)
    clock.trust, clock.wall_offset_ns = True, clock.wall_offset_ns + 3600 * 10**9
    store.redate(clock)
    after = store.library.cut(wish, target)
    assert isinstance(before, Clip) and isinstance(after, Clip)
    assert after.start_ns - before.start_ns == 3600 * 10**9
    store.close()
