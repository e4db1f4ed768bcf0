"""This program: how long it runs, how much memory and processor it takes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Clock

MIB = 1024 * 1024
STATM, TASKS = Path("/proc/self/statm"), Path("/proc/self/task")
CPU_WINDOW_S = 15.0  # shorter windows only show the rhythm of the frames


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """`cpu_pct` is of one core, so 200 means two cores busy; over the last 15 s or more."""

    uptime_s: float
    rss_mb: float
    cpu_pct: float
    threads: int


class ProcessCheck:
    """Uptime counts from its construction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started_s = clock.mono_s()
        self._cpu_pct = 0.0
        self._cpu_at_s, self._cpu_s = self._started_s, time.process_time()

    def read(self) -> ProcessHealth:
        """Look at this process."""
        now_s = self._clock.mono_s()
        passed_s = now_s - self._cpu_at_s
        if passed_s >= CPU_WINDOW_S or (self._cpu_pct == 0.0 and passed_s > 0.0):
            cpu_s = time.process_time()
            self._cpu_pct = round(100.0 * (cpu_s - self._cpu_s) / passed_s, 1)
            self._cpu_at_s, self._cpu_s = now_s, cpu_s
        pages = int(STATM.read_text(encoding="ascii").split()[1])
        rss_mb = round(pages * os.sysconf("SC_PAGE_SIZE") / MIB, 1)
        return ProcessHealth(round(now_s - self._started_s, 1), rss_mb, self._cpu_pct, sum(1 for _ in TASKS.iterdir()))
