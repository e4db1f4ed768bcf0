"""A disk that refuses to sync: nothing counts as stored, it is told, nobody spins, and all of it is there afterwards.

With FAULTS=1, because what a worker does while it fails has to be watched for some time.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.capture.conftest import drawn_h264
from tests.faults.crash import ROOT
from tests.spool.kills import need_strace

__all__ = ["drawn_h264"]
WATCHED_S = 12.0
MOST_SHARE = 0.2
pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="a failing disk is watched for 12 s; set FAULTS=1"),
    pytest.mark.timeout(240),
]


class Child:
    """tests/faults/failing_child.py."""

    def __init__(self, directory: Path, video: Path) -> None:
        command = [sys.executable, "-m", "tests.faults.failing_child", str(directory), str(video)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.hear() == "ready\n"

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def look(self) -> dict[str, Any]:
        self.say("look")
        told: dict[str, Any] = json.loads(self.hear())
        return told

    def say(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def until(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(600):
            told = self.look()
            if what(told):
                return told
            time.sleep(0.1)
        raise AssertionError(told)


@pytest.fixture
def child(tmp_path: Path, drawn_h264: Path) -> Iterator[Child]:
    need_strace()
    child = Child(tmp_path, drawn_h264)
    yield child
    child.process.kill()
    child.process.wait()


@pytest.mark.parametrize(
    ("calls", "error"),
    [
        pytest.param("fdatasync,fsync", "EIO", marks=pytest.mark.fault("A7", "EIO on fsync and fdatasync, watched")),
        pytest.param(
            "fdatasync,fsync,pwrite64,rename,unlink,mkdir",
            "EROFS",
            marks=pytest.mark.fault("A8", "every write says read-only, watched; from memory again afterwards"),
        ),
        pytest.param(
            "fdatasync,fsync,pwrite64", "ENOSPC", marks=pytest.mark.fault("A5", "no room for any write, watched")
        ),
    ],
)
def test_nobody_spins_and_nothing_is_lost(
    child: Child, calls: str, error: str, record_property: Callable[[str, object], None]
) -> None:
    child.until(lambda told: told["kept"] > 5)
    spoiling = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    with subprocess.Popen([*spoiling, "-p", str(child.process.pid)]) as spoiler:
        try:
            before = child.until(lambda told: bool({"storage_error", "disk_full"} & set(told["raised"])))
            time.sleep(WATCHED_S)
            during = child.look()
        finally:
            spoiler.kill()
    assert during["given"] > before["given"], "vision is never held up"
    assert during["share"] < MOST_SHARE
    assert len(during["raised"]) - len(before["raised"]) < 60, "it is not told over and over"
    after = child.until(lambda told: told["kept"] >= during["given"])
    assert after["raised"][-1] == "cleared" or "cleared" in after["raised"][len(during["raised"]) :]
    record_property("seen", f"{during['share']:.0%} of a processor, {after['kept']} events kept")
    child.say("end")
    assert child.process.wait(60) == 0
