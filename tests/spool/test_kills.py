"""A few of the crash points; `tests/faults/test_spool_kills.py` tries every one."""

from pathlib import Path

import pytest

from tests.spool.kills import ERRORS, check_promises, need_strace, run_killed


@pytest.mark.parametrize(
    ("call", "when"), [("fdatasync", 9), ("fdatasync", 21), ("fsync", 5), ("rename", 2), ("unlink", 1), ("write", 30)]
)
@pytest.mark.fault("A2", "spool: some crash points of store, send, acknowledge, clip, upload")
def test_a_killed_spool_keeps_its_word(tmp_path: Path, call: str, when: int) -> None:
    need_strace()
    killed, promises = run_killed(tmp_path / "spool", call, when)
    assert killed
    check_promises(tmp_path / "spool", promises)


@pytest.mark.parametrize("error", sorted(ERRORS))
@pytest.mark.parametrize(("call", "when"), [("fdatasync", 9), ("fsync", 5), ("rename", 2), ("write", 120)])
def test_so_does_one_whose_disk_fails(tmp_path: Path, call: str, when: int, error: str) -> None:
    need_strace()
    _, promises = run_killed(tmp_path / "spool", call, when, ERRORS[error])
    check_promises(tmp_path / "spool", promises)
