import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.footage.ring import SPARE_FILES
from agent.values import Hold
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, look, moment, recorded, write

ROOT = Path(__file__).parents[2]


@pytest.mark.fault("A5", "footage: the disk fills while it runs")
def test_recording_goes_on_when_there_is_space_again(small_disk: Path, street_h264: Path) -> None:
    store = footage(small_disk, HandClock(), segment="2s", budget="10MB")
    blocker = small_disk / "somebody-else"
    blocker.write_bytes(bytes(700_000))
    packets = recorded(street_h264, moment(1000))
    failed = written = 0
    for packet in packets:
        try:
            store.write(packet)
            written += 1
        except StorageError as error:
            failed += 1
            assert error.code == "disk_full" and "budget" in str(error.hint)
    assert failed > 0
    before = store.library.find(CAM, moment(0), moment(9999))
    assert before and all(look(segment.path).times_s for segment in before)
    assert store.state(CAM).dropped_packets >= failed
    blocker.unlink()
    write(store, recorded(street_h264, moment(2000), run=2)[:45])
    after = store.library.find(CAM, moment(2000), moment(9999))
    assert after and after[0].gap_cause == "storage_error"
    store.close()


@pytest.mark.fault("A5", "footage: a budget bigger than the disk")
def test_a_budget_bigger_than_the_disk(small_disk: Path, street_h264: Path) -> None:
    store = footage(small_disk, HandClock(), segment="2s", budget="10GB", keep_free="700kB")
    for loop in range(4):
        for packet in recorded(street_h264, moment(1000 + 12 * loop), run=loop + 1):
            store.write(packet)
            if packet.key:
                store.expire()
    assert store.state(CAM).dropped_packets == 0
    kept = store.library.find(CAM, moment(0), moment(9999))
    assert kept[0].start.mono_s > 1030 and kept[-1].start.mono_s == pytest.approx(1044)
    store.close()


@pytest.mark.fault("A4", "footage: full at the start")
def test_a_disk_that_is_full_at_the_start(small_disk: Path, street_h264: Path) -> None:
    store = footage(small_disk, HandClock(), segment="2s")
    write(store, recorded(street_h264, moment(1000))[:70])
    before = len(store.library.find(CAM, moment(0), moment(9999)))
    store.close()
    blocker = small_disk / "somebody-else"
    with pytest.raises(OSError, match="No space"), blocker.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    store = footage(small_disk, HandClock())
    kept = store.library.find(CAM, moment(0), moment(9999))
    assert 0 < len(kept) < before + 1
    assert blocker.stat().st_size > 0
    blocker.unlink()
    write(store, recorded(street_h264, moment(2000), run=2)[:25])
    assert store.library.find(CAM, moment(2000), moment(9999))
    store.close()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from agent.errors import StorageError
from agent.footage.ring import SPARE_FILES
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, footage, moment, recorded
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
store = footage(Path(sys.argv[1]), HandClock(), segment="20s")
codes = set()
for packet in recorded(Path(sys.argv[2]), moment(1000)):
    try:
        store.write(packet)
    except StorageError as error:
        codes.add(error.code)
print(codes, len(store.library.find(CAM, moment(0), moment(9999))) > 0, store.state(CAM).dropped_packets > 0)
"""


@pytest.mark.fault("A5", "footage: a file may not grow (RLIMIT_FSIZE)")
def test_a_file_that_may_not_grow(tmp_path: Path, street_h264: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(street_h264)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert told.stdout == "{'disk_full'} True True\n", told.stderr


@pytest.mark.fault("A6", "footage: no inodes")
def test_files_that_run_out_are_made_up_for_by_the_oldest(few_files: Path, street_h264: Path) -> None:
    store = footage(few_files, HandClock(), segment="1s")
    write(store, recorded(street_h264, moment(1000)))
    others = [few_files / f"somebody-else-{number}" for number in range(os.statvfs(few_files).f_favail)]
    for other in others:
        other.touch()
    with pytest.raises(StorageError, match="no inodes") as caught:
        write(store, recorded(street_h264, moment(2000), run=2))
    assert caught.value.code == "disk_full"
    assert 0 < store.expire() <= SPARE_FILES
    write(store, recorded(street_h264, moment(3000), run=3))
    assert store.library.find(CAM, moment(3000), moment(9999))
    assert all(other.exists() for other in others)
    store.close()


@pytest.mark.fault("A9", "footage: its directory is moved away")
def test_a_disk_that_has_gone_is_an_error_of_the_disk(tmp_path: Path) -> None:
    store = footage(tmp_path / "footage", HandClock())
    (tmp_path / "footage").rename(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        store.expire()
    store.close()


@pytest.mark.fault("A6", "footage: no inodes, and holds")
def test_no_inodes_left_and_holds_stay(few_files: Path, street_h264: Path) -> None:
    clock = HandClock(mono_s=5000)
    store = footage(few_files, clock, segment="1s")
    write(store, recorded(street_h264, moment(1000)))
    until_ns = clock.now().wall_ns + 10**15
    for number in range(5):
        start, end = moment(1000).wall_ns, moment(1002.5).wall_ns
        store.library.hold(Hold(f"hold-{number}", CAM, start, end, until_ns, "somebody", "a case"))
    for number in range(os.statvfs(few_files).f_favail):
        (few_files / f"somebody-else-{number}").touch()
    assert store.expire() > 0
    left = [one.start.mono_s for one in store.library.find(CAM, moment(0), moment(9999))]
    assert left == [1000, 1001, 1002] or left[:2] == [1000, 1002]
    assert len(store.library.holds()) == 5
    store.close()
