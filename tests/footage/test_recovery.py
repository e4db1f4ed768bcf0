import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.footage.jobs import FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.recovery import Recovery
from agent.footage.store import Footage
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, look, moment, recorded, wanted, write

ROOT = Path(__file__).parents[2]


def found(store: Footage) -> list[float]:
    return [round(segment.start.mono_s, 3) for segment in store.library.find(CAM, moment(0), moment(9999))]


@pytest.fixture
def left(tmp_path: Path, drawn_h264: Path) -> Path:
    """A directory with four segments of a second, closed in order."""
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000), run=5, stamp_s=300))
    store.close()
    return tmp_path


def segments(directory: Path) -> list[Path]:
    return sorted((directory / "footage" / CAM).glob("*.mp4"))


@pytest.mark.real
@pytest.mark.parametrize("count", [3, 20, 21, 39, 40, 41, 59, 77, 100, 120])
@pytest.mark.fault("A1", "footage: kill -9 of the writer")
def test_footage_before_kill_9_plays(count: int, street_h264: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.footage.writer", str(tmp_path), str(street_h264), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stdout.readline() == "written\n"
    process.kill()
    process.wait()
    store = footage(tmp_path, HandClock())
    kept = store.library.find(CAM, moment(0), moment(9999))
    pictures = sum(len(look(segment.path).times_s) for segment in kept)
    assert pictures == max(count - 1, 0) // 20 * 20  # all but the group of pictures that was open
    assert sum(segment.duration_s for segment in kept) == pytest.approx(pictures / 10)
    assert store.recovery.parts_adopted + store.recovery.parts_removed == 1
    assert list((tmp_path / "footage").rglob("*.part.mp4")) == []
    if kept:
        clip = store.library.cut(wanted(moment(1000), moment(1001)), tmp_path / "clip.mp4")
        assert clip is not None and len(look(clip.path).times_s) >= 10
    store.close()
    again = footage(tmp_path, HandClock())
    assert again.recovery == Recovery()  # everything is in order now
    again.close()


@pytest.mark.fault("A3", "footage: a torn last fragment")
def test_a_torn_fragment_is_cut_off(left: Path) -> None:
    whole = segments(left)[0]
    part = whole.with_name(whole.name.replace(".mp4", ".part.mp4"))
    content = whole.read_bytes()
    fragment = content.index(b"moof") - 4
    part.write_bytes(content[: content.index(b"mfra") - 4] + content[fragment : fragment + 300])
    whole.unlink()
    store = footage(left, HandClock())
    assert store.recovery == Recovery(parts_adopted=1, files_adopted=0, rows_removed=0)
    assert found(store) == [1000.0, 1001.0, 1002.0, 1003.0]
    assert len(look(whole).times_s) == 10
    store.close()


@pytest.mark.fault("A3", "footage: the pictures of the open file were never written")
def test_a_part_whose_picture_does_not_decode_is_removed(left: Path) -> None:
    whole = segments(left)[0]
    content = bytearray(whole.read_bytes()[:-67])  # without the end that only a finished file has
    begin = content.index(b"mdat") + 4
    content[begin:] = bytes(len(content) - begin)
    part = whole.with_name("20260101T000000Z-boota-1.part.mp4")
    part.write_bytes(content)
    store = footage(left, HandClock())
    assert store.recovery == Recovery(parts_removed=1)
    store.close()


@pytest.mark.parametrize("content", [b"", b"garbage" * 99])
@pytest.mark.fault("A3", "footage: the open file is empty or garbage")
def test_a_part_without_a_picture_is_removed(left: Path, content: bytes) -> None:
    part = segments(left)[0].with_name("20260101T000000Z-boota-1.part.mp4")
    part.write_bytes(content)
    store = footage(left, HandClock())
    assert store.recovery == Recovery(parts_removed=1)
    assert not part.exists()
    store.close()


@pytest.mark.fault("A15", "footage: a segment deleted behind its back")
def test_rows_without_a_file_go(left: Path) -> None:
    segments(left)[1].unlink()
    store = footage(left, HandClock())
    assert store.recovery == Recovery(rows_removed=1)
    assert found(store) == [1000.0, 1002.0, 1003.0]
    store.close()


@pytest.mark.fault("A15", "footage: a segment truncated, emptied")
def test_a_truncated_file_is_measured_anew_and_an_empty_one_removed(left: Path) -> None:
    first, second = segments(left)[:2]
    first.write_bytes(b"")
    second.write_bytes(second.read_bytes()[:-50])
    store = footage(left, HandClock())
    assert store.recovery == Recovery(files_adopted=1, files_removed=1)
    assert not first.exists()
    assert sorted(found(store)) == [1001.0, 1002.0, 1003.0]
    store.close()


@pytest.mark.parametrize("damage", ["deleted", "garbage", "cut in half"])
@pytest.mark.fault("A10", "index: deleted, garbage, cut in half")
@pytest.mark.fault("A11", "index: deleted, garbage, cut in half")
def test_the_index_is_made_again_from_the_files(left: Path, damage: str) -> None:
    store = footage(left, HandClock())
    before = store.library.find(CAM, moment(0), moment(9999))
    store.close()
    index = left / "footage" / "index.sqlite"
    content = index.read_bytes()
    index.unlink()
    if damage == "garbage":
        index.write_bytes(b"no database" * 1000)
    elif damage == "cut in half":
        index.write_bytes(content[: len(content) // 2])
    store = footage(left, HandClock())
    after = store.library.find(CAM, moment(0), moment(9999))
    assert store.recovery == Recovery(index_rebuilt=damage != "deleted", files_adopted=4)
    assert [(one.path, one.start, one.run, one.duration_s, one.gap_cause) for one in after] == [
        (one.path, one.start, one.run, one.duration_s, one.gap_cause) for one in before
    ]
    assert len(list((left / "footage").glob("*.corrupt-*"))) == (damage != "deleted")
    clip = store.library.cut(wanted(moment(1000), moment(1004)), left / "clip.mp4")
    assert clip is not None and clip.gaps == () and len(look(clip.path).times_s) == 40
    store.close()


def test_a_rebuilt_index_keeps_the_dates_that_were_set_right(tmp_path: Path, drawn_h264: Path) -> None:
    clock = HandClock(trusted=False)
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000, trusted=False)))
    clock.trust, clock.wall_offset_ns = True, clock.wall_offset_ns + 3600 * 10**9
    store.redate(clock)
    store.close()
    (tmp_path / "footage" / "index.sqlite").unlink()
    store = footage(tmp_path, HandClock(boot_id="boot-b"))
    starts = [one.start for one in store.library.find(CAM, moment(0), moment(9999))]
    assert len(starts) == 4 and all(start.trusted for start in starts)
    assert {start.wall_ns - start.mono_ns for start in starts} == {clock.wall_offset_ns}
    store.close()


@pytest.mark.fault("A15", "footage: a file of another camera put in")
def test_foreign_files_are_not_footage(left: Path) -> None:
    # A file that somebody copied in from another camera must not turn up as this camera's.
    other = left / "footage" / "other"
    other.mkdir()
    (other / "copied.mp4").write_bytes(segments(left)[0].read_bytes())
    store = footage(left, HandClock())
    assert store.recovery == Recovery(files_removed=1)
    assert store.library.find("other", moment(0), moment(9999)) == ()
    store.close()


@pytest.mark.fault("A9", "footage: a file in the place of its directory")
def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "footage").write_text("a file is in the way")
    with pytest.raises(StorageError) as caught:
        footage(tmp_path, HandClock())
    assert caught.value.code == "storage_error" and "footage" in caught.value.text.vi


@pytest.mark.fault("A12", "index: pages overwritten while it runs")
def test_an_index_that_is_damaged_while_running_is_made_again(left: Path, drawn_h264: Path) -> None:
    clock = HandClock()
    store = footage(left, clock)
    write(store, recorded(drawn_h264, moment(2000), run=9)[:25])
    index = left / "footage" / "index.sqlite"
    other = sqlite3.connect(index)  # makes the store forget what it has in memory
    other.execute("UPDATE segments SET run = run")
    other.commit()
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    content = index.read_bytes()
    index.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StorageError):
        store.library.find(CAM, moment(0), moment(9999))
    job = FootageJob(store, PacketQueue(), clock)
    job.close()
    assert store.recovery.index_rebuilt
    assert sorted(found(store)) == [1000.0, 1001.0, 1002.0, 1003.0, 2000.0, 2001.0, 2002.0]
    write(store, recorded(drawn_h264, moment(3000), run=10))
    assert max(found(store)) == 3002.0
    store.close()
