"""This program: how long it runs, how much memory and processor it takes."""

from dataclasses import dataclass

import psutil

from agent.clock import Clock

MIB = 1024 * 1024
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
        self._process = psutil.Process()
        self._cpu_pct = self._process.cpu_percent(None)  # the first call only sets the mark to count from
        self._cpu_at_s = self._started_s

    def read(self) -> ProcessHealth:
        """Look at this process."""
        now_s = self._clock.mono_s()
        if now_s - self._cpu_at_s >= CPU_WINDOW_S or self._cpu_pct == 0.0:
            self._cpu_pct = self._process.cpu_percent(None)
            self._cpu_at_s = now_s
        with self._process.oneshot():
            rss_mb, threads = round(self._process.memory_info().rss / MIB, 1), self._process.num_threads()
        return ProcessHealth(round(now_s - self._started_s, 1), rss_mb, self._cpu_pct, threads)
