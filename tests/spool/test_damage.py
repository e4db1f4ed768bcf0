"""A damaged database is set aside, counted and replaced; clips are taken back in; a newer one is left alone."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.spool.schema import VERSION
from agent.values import Phase
from tests.spool.support import HOW, StillClock, all_pending, draft, found, make_clip, open_spool, queue_clip, read


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def break_header(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(b"garbage!" * 16 + data[128:])


def overwrite_pages(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 8192) + data[-4096:])


def fill(directory: Path, clock: StillClock) -> None:
    spool = open_spool(directory, clock)
    spool.record([found(clock)], HOW)
    spool.put_all(draft(clock, number) for number in range(200))
    queue_clip(spool, make_clip(spool, "job"))
    spool.close()


@pytest.mark.parametrize("damage", [truncate, break_header, overwrite_pages])
@pytest.mark.fault("A10", "spool: truncated, header overwritten, pages overwritten")
@pytest.mark.fault("A11", "spool: truncated, header overwritten, pages overwritten")
@pytest.mark.fault("A12", "spool: truncated, header overwritten, pages overwritten")
def test_a_damaged_database_is_set_aside(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    clock = StillClock()
    fill(tmp_path, clock)
    damage(tmp_path / "spool.db")
    spool = open_spool(tmp_path, clock)
    assert spool.set_aside == spool.state().set_aside == 1
    assert len(list(tmp_path.glob("spool.db.corrupt-*-1"))) == 1
    clip = spool.next_clip()
    assert clip is not None
    assert clip.id == "job"
    spool.put(draft(clock, 5))
    (message,) = spool.pending(10)
    assert read(message)["seq"] > 2**40, "numbers go on above the lost ones"
    spool.record([found(clock, phase=Phase.END)], HOW)
    assert all_pending(spool)[-1]["rev"] == 1001, "so do revisions"
    spool.close()
    assert open_spool(tmp_path, clock).set_aside == 1


@pytest.mark.fault("A12", "spool: pages overwritten while it runs")
def test_damage_that_shows_only_later_is_set_aside_too(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=20_000)
    spool.put_all(draft(clock, number) for number in range(20_000))  # more than SQLite keeps in memory
    spool.close()
    spool = open_spool(tmp_path, clock, messages=20_000)
    queue_clip(spool, make_clip(spool, "job"))
    overwrite_pages(tmp_path / "spool.db")
    with pytest.raises(StorageError) as caught:
        spool.pending(20_000)
    assert caught.value.code == "storage_error"
    spool.put(draft(clock, 9))
    assert [fields["n"] for fields in all_pending(spool)] == [9]
    assert spool.set_aside == 1
    spool = open_spool(tmp_path, clock)  # killed before anyone asked for a clip
    clip = spool.next_clip()
    assert clip is not None
    assert clip.id == "job"


@pytest.mark.fault("A13", "spool: -wal deleted")
def test_a_deleted_log_costs_at_most_what_was_in_it(tmp_path: Path) -> None:
    clock = StillClock()
    fill(tmp_path, clock)
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock, 1000))
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "spool.db").write_bytes((tmp_path / "spool.db").read_bytes())
    spool = open_spool(copy, clock)
    assert spool.set_aside == 0
    assert len(all_pending(spool)) == 201


@pytest.mark.fault("A10", "spool: a file of no bytes")
def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "spool.db").touch()
    spool = open_spool(tmp_path, StillClock())
    assert spool.set_aside == 0
    assert spool.state().messages == 0


@pytest.mark.fault("A14", "spool: a newer version")
def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    clock = StillClock()
    fill(tmp_path, clock)
    path = tmp_path / "spool.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="newer version"):
        open_spool(tmp_path, clock)
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*.corrupt-*")) == []
    assert list((tmp_path / "clips").iterdir()) != []


def test_only_the_last_damaged_files_are_kept(tmp_path: Path) -> None:
    clock = StillClock()
    for _ in range(4):
        open_spool(tmp_path, clock).close()
        break_header(tmp_path / "spool.db")
    assert open_spool(tmp_path, clock).set_aside == 4
    assert sorted(path.name[-1] for path in tmp_path.glob("*.corrupt-*")) == ["3", "4"]


@pytest.mark.fault("A12", "spool: one row damaged")
def test_a_damaged_row_is_dropped_and_counted(tmp_path: Path) -> None:
    clock = StillClock()
    fill(tmp_path, clock)
    connection = sqlite3.connect(tmp_path / "spool.db")
    connection.execute("UPDATE messages SET body = x'ff00' WHERE row = 1")
    connection.execute("UPDATE events SET body = x'ff00'")
    connection.commit()
    connection.close()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock, phase=Phase.END)], HOW)
    assert [fields["phase"] for fields in all_pending(spool) if "phase" in fields] == ["end"]
    assert spool.state().dropped_messages == 2
