"""kill -9 of a spool at every single fdatasync, fsync, rename, unlink and database write of its life."""

import os
from pathlib import Path

import pytest

from tests.spool.kills import CALLS, check_promises, need_strace, run_killed

# A run that ends unharmed has passed all crash points; far more than there are.
MOST = 500

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="every crash point takes minutes; set FAULTS=1"),
    pytest.mark.timeout(1200),
]


@pytest.mark.parametrize("call", sorted(CALLS))
def test_killed_anywhere_a_spool_keeps_its_word(tmp_path: Path, call: str) -> None:
    need_strace()
    for when in range(1, MOST):
        directory = tmp_path / str(when)
        killed, promises = run_killed(directory, call, when)
        check_promises(directory, promises)
        if not killed:
            assert promises[-1] == "closed"
            assert when > 1, f"{call} was never called"
            return
    pytest.fail(f"more than {MOST} crash points")
