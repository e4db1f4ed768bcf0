"""What every child process needs at its pipes and at its end, whichever program it runs."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator

KILL_S = 1.0
DRAIN_BYTES = 1024 * 1024  # at one time: a child that floods its output must not keep us


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to a child that leads its own group, and to all that it started. Does not wait."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own


def reaped(process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes] | None":
    """The process, if the kernel did not let it go within a second (state D)."""
    try:
        process.wait(KILL_S)
    except subprocess.TimeoutExpired:
        return process
    return None


def drained(descriptor: int) -> Iterator[bytes]:
    """What lies ready in a non-blocking pipe, bounded."""
    taken = 0
    while taken < DRAIN_BYTES:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if not data:
            return
        taken += len(data)
        yield data
