"""kill -9 of a spool at every single fdatasync, fsync, rename, unlink and database write of its life; and each of them
failing, for once, with EIO or ENOSPC (of the writes every fifth).
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.spool import version_1
from tests.spool.kills import CALLS, ERRORS, MIGRATION, check_promises, count, need_strace, run_killed
from tests.spool.support import StillClock, open_spool
from tests.spool.test_migration import PLAIN, check

# A run that ends unharmed has passed all crash points; far more than there are.
MOST = 500

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="every crash point takes minutes; set FAULTS=1"),
    pytest.mark.timeout(1200),
]


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.fault("A2", "spool: every fdatasync, fsync, rename, unlink and database write of a life")
def test_killed_anywhere_a_spool_keeps_its_word(
    tmp_path: Path, call: str, record_property: Callable[[str, object], None]
) -> None:
    need_strace()
    for when in range(1, MOST):
        directory = tmp_path / str(when)
        killed, promises = run_killed(directory, call, when)
        check_promises(directory, promises)
        if not killed:
            assert promises[-1] == "closed"
            assert when > 1, f"{call} was never called"
            record_property("seen", f"{when - 1} × {call}")
            return
    pytest.fail(f"more than {MOST} crash points")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("EIO", marks=pytest.mark.fault("A7", "spool: EIO once, at every sync, rename, unlink, write")),
        pytest.param(
            "ENOSPC", marks=pytest.mark.fault("A4", "spool: ENOSPC once, at every sync, rename, unlink, write")
        ),
    ],
)
@pytest.mark.parametrize("call", sorted(CALLS))
def test_whatever_fails_a_spool_keeps_its_word(tmp_path: Path, call: str, error: str) -> None:
    need_strace()
    calls = count(tmp_path / "whole", call)
    assert calls > 0
    for when in range(1, calls + 1, 5 if call == "write" else 1):
        directory = tmp_path / str(when)
        _, promises = run_killed(directory, call, when, ERRORS[error])
        check_promises(directory, promises)


@pytest.mark.fault("A2", "spool: every fdatasync and many writes of moving from version 1")
@pytest.mark.parametrize("call", ["fdatasync", "write"])
def test_killed_anywhere_on_the_way_from_version_1_it_goes_on(tmp_path: Path, call: str) -> None:
    need_strace()
    clock = StillClock()
    version_1.make(tmp_path / "whole" / "spool.db", clock, PLAIN)
    for when in range(1, count(tmp_path / "whole", call, MIGRATION) + 1, 29 if call == "write" else 1):
        directory = tmp_path / str(when)
        version_1.make(directory / "spool.db", clock, PLAIN)
        run_killed(directory, call, when, child=MIGRATION)
        check(open_spool(directory, clock), clock)
