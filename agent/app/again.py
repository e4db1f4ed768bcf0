"""A wish to start anew: after a clean stop the process runs the same command line once more, in the same place.

Works with and without systemd, which sees no end of the service. A process that is stuck ends instead, and systemd
starts the next.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from agent.clock import Clock

AGAIN_CODE = 76  # of run_node; never the exit code of a process
BEGAN = "CAMERA_AGENT_BEGAN_S"  # in the environment: monotonic seconds of the last beginning in this process
AT_LEAST_S = 1.0  # the answer is put into the spool a moment after the wish
AT_MOST_S = 10.0  # a broker that is away keeps nobody from it


class Again:
    """Asked by commands, looked at by the main thread each second."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Stop and start anew, soon. What was answered before still leaves."""
        self._asked.set()

    def asked(self) -> bool:
        """Is it wanted?"""
        return self._asked.is_set()


class Leaving:
    """Lets answers go out first. `waits`: does any answer wait in the spool?"""

    def __init__(self, again: Again, waits: Callable[[], bool], clock: Clock) -> None:
        self._again = again
        self._waits = waits
        self._clock = clock
        self._since_s: float | None = None

    def now(self) -> bool:
        """Is it wanted, and has been said what there was to say? Asked each second."""
        if not self._again.asked():
            return False
        now_s = self._clock.mono_s()
        self._since_s = now_s if self._since_s is None else self._since_s
        waited_s = now_s - self._since_s
        return waited_s >= AT_MOST_S or (waited_s >= AT_LEAST_S and not self._waits())


def begin_again() -> None:
    """Does not return. The command line of this process, from its beginning."""
    os.environ[BEGAN] = str(Clock().mono_s())  # the kernel goes on counting from the first beginning
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  # our own command line


def process_age_s(clock: Clock) -> float:
    """Seconds since this process began, imports and all: when the kernel started it, or when it last began again."""
    try:
        return clock.mono_s() - float(os.environ[BEGAN])
    except (KeyError, ValueError):
        after_the_name = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        began_s = int(after_the_name.split()[19]) / os.sysconf("SC_CLK_TCK")  # since the boot
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began_s
