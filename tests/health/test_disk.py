import os
from pathlib import Path

from agent.health.disk import DiskCheck, read_wear
from tests.health.hands import HandClock, write


def io(root: Path, written: int, cancelled: int = 0) -> None:
    write(root, "proc/self/io", f"rchar: 1\nwrite_bytes: {written}\ncancelled_write_bytes: {cancelled}\n")


def test_a_real_folder(tmp_path: Path) -> None:
    disk = DiskCheck(tmp_path, HandClock()).read()
    assert disk.free_mb > 0
    assert 0 < disk.inodes_free_pct <= 100
    assert not disk.readonly
    assert not disk.missing


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert DiskCheck(tmp_path / "gone", HandClock()).read().missing


def test_written_bytes_count_from_the_start_and_forget_what_is_older_than_a_day(tmp_path: Path) -> None:
    clock = HandClock()
    io(tmp_path, 500_000_000)
    check = DiskCheck(tmp_path, clock, tmp_path)
    for hour in range(1, 31):
        clock.go(3600)
        io(tmp_path, 500_000_000 + hour * 10_000_000)
        disk = check.read()
    assert disk.written_mb_day == 240.0


def test_bytes_that_never_reached_the_card_do_not_count(tmp_path: Path) -> None:
    io(tmp_path, 0)
    check = DiskCheck(tmp_path, HandClock(), tmp_path)
    io(tmp_path, 9_000_000, cancelled=4_000_000)
    assert check.read().written_mb_day == 5.0


def test_wear_of_an_emmc_is_found_from_the_partition(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    write(tmp_path, "sys/devices/mmcblk0/device/life_time", "0x02 0x03\n")
    (tmp_path / "sys/devices/mmcblk0/mmcblk0p2").mkdir()
    link = tmp_path / f"sys/dev/block/{os.major(device)}:{os.minor(device)}"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "sys/devices/mmcblk0/mmcblk0p2")
    assert read_wear(tmp_path, tmp_path) == 30.0


def test_a_card_that_does_not_tell_its_wear(tmp_path: Path) -> None:
    assert read_wear(tmp_path, tmp_path) is None
