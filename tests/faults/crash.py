"""Kills a child at the n-th call of one system call: every crash point of what it does, one after another."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What moves data to the disk or changes names on it. SQLite uses fdatasync and pwrite64, all else fsync and write.
CALLS = {
    "fdatasync": "fdatasync",
    "fsync": "fsync",
    "rename": "?rename,?renameat,?renameat2",
    "unlink": "?unlink,?unlinkat",
    "mkdir": "?mkdir,?mkdirat",
    "write": "write,pwrite64",
}
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)


def run_killed(module: str, arguments: tuple[str, ...], call: str, when: int) -> tuple[bool, list[str]]:
    """`python -m module`, killed at the `when`-th `call`: (was it killed, what it had promised on its output)."""
    inject = f"inject={CALLS[call]}:signal=SIGKILL:when={when}"
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS[call]}", "-e", inject]
    done = subprocess.run(
        [*strace, sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode in (0, *KILLED), done.stderr
    return done.returncode in KILLED, done.stdout.splitlines()
