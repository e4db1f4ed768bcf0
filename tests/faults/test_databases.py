"""What becomes of the whole node, and of the footage index, when databases are not as they were left."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from agent.footage.opening import NAME
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264
from tests.faults.blind import run_node
from tests.footage.recording import CAM, footage, moment, recorded, write
from tests.spool.support import StillClock, draft, open_spool

__all__ = ["drawn_h264"]


@pytest.mark.fault("A13", "index: -wal deleted after a kill")
def test_an_index_whose_log_is_gone_is_filled_from_the_files(tmp_path: Path, drawn_h264: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.enter()
    left = tmp_path / "left"
    subprocess.run(["cp", "-r", str(tmp_path / "footage"), str(left)], check=True)  # as a kill leaves it
    kept = {one.path.name for one in store.library.find(CAM, moment(0), moment(9999))}
    store.close()
    logs = list(left.glob("*-wal")) + list(left.glob("*-shm"))
    assert (left / f"{NAME}-wal") in logs
    for log in logs:
        log.unlink()
    again_in = tmp_path / "again"
    again_in.mkdir()
    left.rename(again_in / "footage")
    again = footage(again_in, HandClock())
    found = {one.path.name for one in again.library.find(CAM, moment(0), moment(9999))}
    assert len(kept) == 3 and kept <= found
    again.close()


@pytest.mark.fault("A14", "whole node: the spool is of a newer version")
def test_a_node_refuses_a_newer_spool_and_leaves_it(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path / "data" / "spool", clock)
    spool.put(draft(clock, 7))
    spool.close()
    path = tmp_path / "data" / "spool" / "spool.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=9999")
    connection.close()
    before = path.read_bytes()
    done = run_node(tmp_path, tmp_path / "data")
    assert done.returncode == 1, done.stderr
    assert "newer version" in done.stderr and "Traceback" not in done.stderr
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.corrupt-*"))


@pytest.mark.fault("A11", "spool: the header is garbage: what was damaged is counted, and work goes on")
def test_the_count_of_what_was_set_aside_is_told(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock, 1))
    spool.close()
    (tmp_path / "spool.db").write_bytes(b"no database" * 1000)
    spool = open_spool(tmp_path, clock)
    assert spool.set_aside == 1 and spool.state().set_aside == 1
    spool.put(draft(clock, 2))
    assert [json.loads(message.payload)["n"] for message in spool.pending(10)] == [2]
    spool.close()
