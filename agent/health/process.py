"""This program: how long it runs, how much memory and processor it takes."""

from dataclasses import dataclass

import psutil

from agent.clock import Clock

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """`cpu_pct` is of one core, so 200 means two cores busy; since the last look."""

    uptime_s: float
    rss_mb: float
    cpu_pct: float


class ProcessCheck:
    """Uptime counts from its construction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started_s = clock.mono_s()
        self._process = psutil.Process()
        self._process.cpu_percent(None)  # the first call only sets the mark to count from

    def read(self) -> ProcessHealth:
        """Look at this process."""
        return ProcessHealth(
            uptime_s=round(self._clock.mono_s() - self._started_s, 1),
            rss_mb=round(self._process.memory_info().rss / MIB, 1),
            cpu_pct=self._process.cpu_percent(None),
        )
