"""A disk that is full, or fails: a clear error, nothing half done, and what makes room still works."""

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.spool import Spool
from agent.spool.trouble import storage_error
from agent.values import Draft
from tests.spool.support import HOW, TOPICS, StillClock, draft, found, make_clip, open_spool

MEGABYTES = 8


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,nr_inodes=40", "tmpfs", disk],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no small disk here: {made.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill_up(disk: Path) -> Path:
    """Another program takes all that is left."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            with pytest.raises(OSError, match="No space left"):
                while True:
                    file.write(b"x" * size)
    return hog


def big(clock: StillClock) -> Draft:
    return Draft(TOPICS.thumb("gate", "e1"), b"x" * 40_000, clock.now(), 30, binary=True)


def fill_spool(spool: Spool, clock: StillClock) -> StorageError:
    for _ in range(1000):
        try:
            spool.put(big(clock))
        except StorageError as error:
            return error
    raise AssertionError("the disk never filled up")


@pytest.mark.fault("A5", "spool: the disk fills while it runs")
def test_a_full_disk_is_said_and_deleting_makes_room(small_disk: Path) -> None:
    clock = StillClock()
    spool = open_spool(small_disk / "spool", clock, messages=100_000)
    spool.record([found(clock)], HOW)
    spool.clip_ready(spool.wanted()[0], make_clip(spool))
    hog = fill_up(small_disk)
    error = fill_spool(spool, clock)
    assert error.code == "disk_full"
    assert "bytes free" in error.text.en
    waiting = spool.state().messages
    for message in spool.pending(1000):
        spool.ack([message.row])
    assert spool.state().messages == 0 < waiting
    spool.ack_clip("e1", "https://ward/files/1")
    assert spool.next_clip() is None
    hog.unlink()
    spool.put(big(clock))
    spool.close()
    spool = open_spool(small_disk / "spool", clock)
    assert (spool.set_aside, spool.state().messages) == (0, 2)


@pytest.mark.fault("A6", "spool: no inodes")
def test_no_inodes_left_is_said_as_such(small_disk: Path) -> None:
    clock = StillClock()
    (small_disk / "spool").mkdir()
    for number in range(100):
        try:
            (small_disk / str(number)).touch()
        except OSError:
            break
    with pytest.raises(StorageError) as caught:
        open_spool(small_disk / "spool", clock)
    assert caught.value.code == "disk_full"
    assert "inode" in caught.value.text.vi


@pytest.mark.fault("A9", "spool: a file in the place of its directory")
def test_a_directory_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(StorageError) as caught:
        open_spool(tmp_path / "spool", StillClock())
    assert caught.value.code == "storage_error"
    assert str(tmp_path) in caught.value.text.en


@pytest.mark.fault("A5", "spool: no room for the label of a clip")
def test_a_label_that_cannot_be_written_keeps_the_footage_wanted(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock)], HOW)
    clip = make_clip(spool)
    (spool.clips_directory / "e1.mp4.json").mkdir()
    with pytest.raises(StorageError):
        spool.clip_ready(spool.wanted()[0], clip)
    assert len(spool.wanted()) == 1
    (spool.clips_directory / "e1.mp4.json").rmdir()
    spool.clip_ready(spool.wanted()[0], clip)
    assert spool.next_clip() is not None


@pytest.mark.fault("A7", "spool: an error within a transaction")
def test_a_retryable_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    with pytest.raises(ValueError):
        spool.put_all([draft(clock, 1), Draft("nowhere", b"{}", clock.now())])
    spool.put(draft(clock, 2))
    assert spool.state().messages == 1


def test_errors_of_the_system_keep_their_reason(tmp_path: Path) -> None:
    error = storage_error(OSError(errno.EROFS, "Read-only file system"), tmp_path / "spool.db")
    assert "Read-only file system" in error.text.en
    assert error.code == "storage_error"


@pytest.mark.fault("A5", "spool: SQLite names no reason")
def test_a_vague_error_on_a_disk_without_room_is_a_full_disk(small_disk: Path) -> None:
    vague = sqlite3.OperationalError("disk I/O error")
    assert storage_error(vague, small_disk / "spool.db").code == "storage_error"
    fill_up(small_disk)
    assert storage_error(vague, small_disk / "spool.db").code == "disk_full"


@pytest.mark.fault("A4", "spool: full at the start")
def test_opening_on_a_full_disk_works_where_a_database_is_already(small_disk: Path) -> None:
    clock = StillClock()
    spool = open_spool(small_disk / "spool", clock)
    spool.put_all(draft(clock, number) for number in range(50))
    spool.close()
    fill_up(small_disk)
    spool = open_spool(small_disk / "spool", clock)
    spool.ack([message.row for message in spool.pending(100)])
    assert spool.state().messages == 0


@pytest.mark.fault("A4", "spool: full at the start, after a kill in the middle of events")
def test_what_a_crash_interrupted_ends_on_a_full_disk(small_disk: Path) -> None:
    clock = StillClock()
    spool = open_spool(small_disk / "spool", clock, messages=100_000)
    spool.record([found(clock, f"e{number}") for number in range(20)], HOW)
    fill_up(small_disk)
    fill_spool(spool, clock)
    del spool  # as a kill leaves it
    again = open_spool(small_disk / "spool", clock, messages=100_000)
    with pytest.raises(StorageError):
        again.put(big(clock))
    assert again.close_interrupted() == 20
    again.close()
