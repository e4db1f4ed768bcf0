"""Kills a node's spool at the n-th call of one system call, or lets that call fail, and checks what it had promised."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spool.kill_child import DATA, GAVE_UP, PROOF
from tests.spool.support import StillClock, open_spool, read

ROOT = Path(__file__).parents[2]
# What moves data to the disk or names on it. SQLite uses fdatasync, durable.py fsync.
CALLS = {
    "fdatasync": "fdatasync",
    "fsync": "fsync",
    "rename": "?rename,?renameat,?renameat2",
    "unlink": "?unlink,?unlinkat",
    "write": "pwrite64",
}

CHILD, MIGRATION = "tests.spool.kill_child", "tests.spool.migrate_child"
KILL = "signal=SIGKILL"
ERRORS = {"EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}


def need_strace() -> None:
    """Skip where strace is missing or may not trace."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")


def count(directory: Path, call: str, child: str = CHILD) -> int:
    """How often an unharmed child does it."""
    notes = directory.with_suffix(".strace")
    command = ["strace", "-f", "-qq", "-o", str(notes), "-e", f"trace={CALLS[call]}"]
    subprocess.run([*command, sys.executable, "-m", child, str(directory)], cwd=ROOT, check=True, timeout=180)
    return len(notes.read_text(encoding="utf-8").splitlines())


def run_killed(directory: Path, call: str, when: int, fault: str = KILL, child: str = CHILD) -> tuple[bool, list[str]]:
    """Run the child with `fault` at the `when`-th `call`: (did it end there, what it had promised)."""
    inject = f"inject={CALLS[call]}:{fault}:when={when}"
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS[call]}", "-e", inject]
    done = subprocess.run(
        [*strace, sys.executable, "-m", child, str(directory)],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    killed = done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    assert killed or done.returncode in (0, GAVE_UP), done.stderr
    return killed or done.returncode == GAVE_UP, done.stdout.splitlines()


def check_promises(directory: Path, promises: list[str]) -> None:
    """Open what the killed one left and hold it to its word."""
    if (directory / "spool.db").exists() and "open" in promises:
        with sqlite3.connect(directory / "spool.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        connection.close()
    spool = open_spool(directory, StillClock(), messages=100)
    try:
        assert spool.set_aside == 0
        fields = [read(message) for message in spool.pending(1000)]
        numbers = {item["n"] for item in fields if "n" in item}
        phases = {(item["id"], item["phase"]) for item in fields if "id" in item and item["phase"] != "update"}
        left_open = spool.close_interrupted()
        wanted = {item.id for item in spool.wanted()}
        clips = {path.name for path in spool.clips_directory.iterdir()}
        said = set(promises)
        for number in range(3):
            if f"put {number}" in said and f"acking {number}" not in said and "acked 0" not in said:
                assert number in numbers
        assert not ("acked 0" in said and 0 in numbers)
        for name in ("e1", "e2", "e3"):
            for phase in ("start", "end"):
                assert f"event {name} {phase}" not in said or (name, phase) in phases
            if f"event {name} start" in said and f"clip {name}" not in said:
                assert name in wanted or f"{name}.mp4" in clips
            if f"clip {name}" in said and f"uploaded {name}" not in said and name != "e1":
                assert f"{name}.mp4" in clips
        if "uploaded e1" in said:
            assert "e1.mp4" not in clips
        assert left_open <= 1 or "event e2 end" not in said
        rows = set()
        while (clip := spool.next_clip()) is not None:
            assert clip.path.read_bytes() == (DATA if clip.parent is None else PROOF)
            rows.add(clip.path.name)
            if clip.parent is None:
                assert clip.manifest is not None and clip.manifest.read_bytes() == PROOF
                rows |= {f"{clip.path.name}.json", clip.manifest.name}
            spool.ack_clip(clip.id, "https://ward/files/2")
        assert clips == rows, "no file without a row, no row without a file"
        assert (spool.state().dropped_clips, spool.state().dropped_messages) == (0, 0)
    finally:
        spool.close()
