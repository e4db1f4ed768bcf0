"""A node whose wall clock a test sets: libfaketime for the clock, a /run of its own for the marker of the time daemon.

Durations are real. Needs root (a mount namespace) and faketime; skips without.
"""

import os
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.app.living import ROOT, Living

PRIVATE_RUN = (
    *("unshare", "--mount", "--propagation", "private"),
    *("sh", "-c", 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/timesync && exec "$@"', "sh"),
)
LIBRARY = "faketime/libfaketimeMT.so.1"


def utc_s(words: str) -> float:
    """Unix seconds of an ISO time in UTC."""
    return datetime.fromisoformat(words).replace(tzinfo=timezone.utc).timestamp()


class ClockedNode:
    """`at_s`: the Unix time at which it starts; nothing has set its clock until `synchronise`."""

    def __init__(self, config: Path, directory: Path, at_s: float) -> None:
        self._offset = directory / "clock"
        self.config = config
        self.set(at_s)
        self.env = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.node = Living(config, directory / "log", PRIVATE_RUN, **self.env)

    def set(self, at_s: float) -> None:
        """Somebody sets the wall clock."""
        self.ahead_s = at_s - time.time()
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{self.ahead_s:+.0f}", encoding="ascii")
        fresh.replace(self._offset)

    def now_s(self) -> float:
        """What its wall clock shows."""
        return time.time() + self.ahead_s

    def synchronise(self) -> None:
        """The time daemon says that the clock is right; the agent asks every 5 s."""
        run = Path("/proc", str(self.node.process.pid), "root", "run")
        marker = run / "systemd/timesync/synchronized"
        for _ in range(600):
            if run.stat().st_dev != Path("/run").stat().st_dev and marker.parent.is_dir():
                marker.touch()
                return
            time.sleep(0.05)
        raise AssertionError("it has no /run of its own")

    def footage_list(self, *more: str) -> str:
        """`camera-agent footage list` by the same clock."""
        command = [sys.executable, "-m", "agent", "footage", "list", "--config", str(self.config), *more]
        env = os.environ | self.env | {"CAMERA_AGENT_LANG": "en"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout


def library() -> Path:
    """libfaketime, or skip."""
    found = [path for folder in Path("/usr/lib").glob("*-linux-gnu*") for path in [folder / LIBRARY] if path.exists()]
    if not found:
        pytest.skip("faketime is not installed")
    if os.geteuid() != 0 or subprocess.run([*PRIVATE_RUN, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a /run of its own needs root")
    return found[0]
