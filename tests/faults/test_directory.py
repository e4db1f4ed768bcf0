"""A data directory that the agent's user may not use: one line that names it, the user and the command that helps."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.blind import run_node

NOBODY = 65534
# root without the rights that pass over modes is a user like any other, and can still read this working copy.
PLAIN = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner,-chown")


def missing_below_a_foreign_one(data: Path) -> None:
    os.chown(data.parent, NOBODY, NOBODY)


def of_another_user(data: Path) -> None:
    data.mkdir(mode=0o700)
    os.chown(data, NOBODY, NOBODY)


def without_rights(data: Path) -> None:
    data.mkdir(mode=0o000)


def with_a_foreign_spool(data: Path) -> None:
    (data / "spool").mkdir(mode=0o700, parents=True)
    os.chown(data / "spool", NOBODY, NOBODY)


def with_foreign_footage(data: Path) -> None:
    (data / "footage").mkdir(mode=0o700, parents=True)
    os.chown(data / "footage", NOBODY, NOBODY)


@pytest.mark.fault("A9", "whole node: its data directory is missing, of another user, without rights, in part")
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="changing rights needs root and setpriv")
@pytest.mark.parametrize(
    ("spoil", "part", "code"),
    [
        (missing_below_a_foreign_one, "", 78),
        (of_another_user, "", 78),
        (without_rights, "", 78),
        (with_a_foreign_spool, "spool", 1),
        (with_foreign_footage, "footage", 1),
    ],
)
def test_one_line_with_the_command_that_helps(
    tmp_path: Path, spoil: Callable[[Path], None], part: str, code: int
) -> None:
    data = tmp_path / "below" / "data"
    data.parent.mkdir(mode=0o755)
    spoil(data)
    done = run_node(tmp_path, data, *PLAIN)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert str(data / part) in done.stderr
    assert "sudo" in done.stderr or "belongs to" in done.stderr, done.stderr
    assert not list(data.parent.glob("*.corrupt-*"))
