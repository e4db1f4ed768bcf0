"""kill -9 of footage at every fsync, write, rename, unlink and mkdir: finish, enter, hold, cut, manifest, evict,
release, the device key, the access log. A few points in `make test`; every one with FAULTS=1, which takes minutes.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.access import check as check_log
from agent.access import files
from agent.evidence.check import State, check
from agent.evidence.key import read_key
from agent.evidence.notary import Signer, begin_notary
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264
from tests.faults.crash import CALLS, run_killed
from tests.footage.recording import footage, look
from tests.spool.kills import need_strace

__all__ = ["drawn_h264"]
MOST = 400
SOME = [("fsync", 5), ("fdatasync", 6), ("rename", 6), ("unlink", 1), ("unlink", 3), ("mkdir", 3), ("write", 30)]


def check_promises(directory: Path, promises: list[str]) -> None:
    """Open what the killed one left and hold it to its word."""
    said = {words.split()[0] for words in promises}
    names = {words.split()[1] for words in promises if words.startswith("finished")}
    for path in (directory / "footage").glob("*/*.mp4"):
        assert path.name.endswith(".part.mp4") or look(path).times_s, "a finished name is a whole file"
    clock = HandClock()
    store = footage(directory, clock, max_days=2)
    try:
        store.seal_with(notary := begin_notary(directory / "evidence", Signer("ward-1", "node-1", clock)))
        assert not store.recovery.index_rebuilt
        assert f"key {notary.public.fingerprint}" in promises or "key" not in said
        kept = {stored.path.name for stored in store.rows()}
        assert kept == {path.name for path in (directory / "footage").glob("*/*.mp4")}, "a row for each file"
        if "evicting" not in said:
            assert names <= kept
        if "held" in said and "releasing" not in said:
            assert [hold.id for hold in store.library.holds()] == ["h1"]
            assert sorted(names)[0] in kept, "what is held is there"
        if "released" in said:
            assert store.library.holds() == ()
        if "cut" in said:
            assert len(look(directory / "clip.mp4").times_s) == 20
            assert check(directory / "clip.mp4", manifest_of(directory), None).state is State.COMPLETE
        if "logged" in said:
            assert check_log(files.lines(directory / "access")).records == 1
        assert not list(directory.rglob("*.tmp")) or "closed" not in said
    finally:
        store.close()


def manifest_of(directory: Path) -> Path:
    (found,) = directory.glob("clip*.json")
    return found


@pytest.mark.fault("A2", "footage: some crash points of finish, hold, cut, manifest, evict, key and access log")
@pytest.mark.parametrize(("call", "when"), SOME)
def test_killed_footage_keeps_its_word(tmp_path: Path, drawn_h264: Path, call: str, when: int) -> None:
    need_strace()
    killed, promises = run_killed("tests.faults.footage_child", (str(tmp_path / "d"), str(drawn_h264)), call, when)
    assert killed
    check_promises(tmp_path / "d", promises)


@pytest.mark.fault("A2", "footage: every fsync, fdatasync, rename, unlink, mkdir and write of finish, hold, cut, evict")
@pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="every crash point takes minutes; set FAULTS=1")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("call", sorted(CALLS))
def test_killed_anywhere_footage_keeps_its_word(
    tmp_path: Path, drawn_h264: Path, call: str, record_property: Callable[[str, object], None]
) -> None:
    need_strace()
    for when in range(1, MOST):
        directory = tmp_path / str(when)
        killed, promises = run_killed("tests.faults.footage_child", (str(directory), str(drawn_h264)), call, when)
        check_promises(directory, promises)
        if not killed:
            assert promises[-1] == "closed" and read_key(directory / "evidence")
            assert when > 1, f"{call} was never called"
            record_property("seen", f"{when - 1} × {call}")
            return
    pytest.fail(f"more than {MOST} crash points")
