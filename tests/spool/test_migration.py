"""A database of version 1 becomes one of this version, whole; a crash in between is gone on with."""

import json
import sqlite3
from pathlib import Path

import pytest

from agent.spool import Spool, migration
from agent.spool.schema import PAGE_BYTES, VERSION
from agent.values import Draft, Phase
from tests.spool import version_1
from tests.spool.kills import MIGRATION, need_strace, run_killed
from tests.spool.support import HOW, TOPICS, StillClock, all_pending, draft, found, open_spool, read

PLAIN = 350


def check(spool: Spool, clock: StillClock) -> None:
    """Everything that waited waits, in the same order, and what follows goes on above it."""
    assert spool.set_aside == 0
    fields = all_pending(spool)
    assert [item["seq"] for item in fields] == list(range(1, PLAIN + 3))
    assert [item["rev"] for item in fields[:2]] == [1, 2]
    assert [item["n"] for item in fields[2:]] == list(range(PLAIN))
    state = spool.state()
    assert (state.messages, state.clips, state.dropped_messages) == (PLAIN + 2, 1, 3)
    assert [(item.id, item.priority) for item in spool.wanted()] == [("job", 60), ("e1", 130)]
    clip = spool.clip("job2")
    assert clip is not None
    assert (clip.upload_url, clip.bytes, clip.parent) == ("https://ward/files/9", 15, None)
    spool.connected()
    spool.record([found(clock, "new"), found(clock, "e1", Phase.END)], HOW)
    told = [(item["id"], item["rev"], item["seq"]) for item in all_pending(spool) if "id" in item]
    assert told[0] == ("new", 1, version_1.LAST_ROW + 1), "live; numbers go on above the highest there was"
    assert told[1:] == [("e1", 1, 1), ("e1", 2, 2), ("e1", 3, version_1.LAST_ROW + 2)]


def test_it_moves_over_whole(tmp_path: Path) -> None:
    clock = StillClock()
    version_1.make(tmp_path / "spool.db", clock, PLAIN)
    spool = open_spool(tmp_path, clock)
    check(spool, clock)
    spool.close()
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        pragmas = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "page_size")]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    assert (pragmas, sound) == ([VERSION, PAGE_BYTES], "ok")
    assert not tables & {"messages_1", "events_1", "wanted_1", "clips_1"}


@pytest.mark.parametrize("moved", [0, 1, 3])
@pytest.mark.fault("A2", "spool: a crash between the steps of a migration")
def test_after_a_crash_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int) -> None:
    class Killed(BaseException):
        pass

    clock = StillClock()
    version_1.make(tmp_path / "spool.db", clock, PLAIN)
    real, calls = migration._move, []

    def dying(connection: sqlite3.Connection) -> bool:
        calls.append(1)
        if len(calls) > moved:
            raise Killed
        return real(connection)

    monkeypatch.setattr(migration, "_move", dying)
    with pytest.raises(Killed):
        open_spool(tmp_path, clock)
    monkeypatch.undo()
    check(open_spool(tmp_path, clock), clock)


@pytest.mark.fault("A2", "spool: some crash points of moving from version 1")
@pytest.mark.parametrize(("call", "when"), [("fdatasync", 2), ("fdatasync", 6), ("write", 40), ("write", 400)])
def test_killed_anywhere_it_goes_on(tmp_path: Path, call: str, when: int) -> None:
    need_strace()
    clock = StillClock()
    version_1.make(tmp_path / "spool.db", clock, PLAIN)
    killed, _ = run_killed(tmp_path, call, when, child=MIGRATION)
    assert killed
    check(open_spool(tmp_path, clock), clock)


def test_what_an_outage_made_long_is_given_back_at_the_next_start(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100_000)
    body = json.dumps({"text": "x" * 500}).encode()
    spool.put_all(Draft(TOPICS.health(), body, clock.now()) for _ in range(20_000))
    spool.ack(message.row for message in spool.pending(20_000))
    spool.put(draft(clock, 7))
    spool.close()
    before = (tmp_path / "spool.db").stat().st_size
    spool = open_spool(tmp_path, clock, messages=100_000)
    assert [read(message)["n"] for message in spool.pending(10)] == [7]
    spool.close()
    assert (tmp_path / "spool.db").stat().st_size < before / 10
