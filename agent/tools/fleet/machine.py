"""What the broker's process costs, when it runs on this machine."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process over a run."""

    rss_mb_before: float
    rss_mb_max: float
    cpu_s: float
    cpu_pct: float  # of one core, on average


class Watch:
    """Looks at a process now and then. What is gone, or not ours to see, has no figures."""

    def __init__(self, pid: int | None) -> None:
        self._process = _process(pid)
        self._before_mb = self._max_mb = 0.0
        self._begun = self._cpu_s = 0.0
        if self._process is not None:
            self._before_mb = self._max_mb = self._rss_mb(self._process)
            self._begun = self._cpu_s = self._cpu(self._process)

    def look(self) -> None:
        """Once more."""
        if self._process is None:
            return
        try:
            self._max_mb = max(self._max_mb, self._rss_mb(self._process))
            self._cpu_s = self._cpu(self._process)
        except psutil.Error:
            self._process = None  # it ended: what was seen stands

    def cost(self, seconds: float) -> Cost | None:
        """Over a run of so many seconds; None when there was nothing to see."""
        if not self._max_mb:
            return None
        used_s = self._cpu_s - self._begun
        return Cost(
            round(self._before_mb, 1), round(self._max_mb, 1), round(used_s, 1), round(100 * used_s / seconds, 1)
        )

    @staticmethod
    def _rss_mb(process: psutil.Process) -> float:
        return process.memory_info().rss / 1e6

    @staticmethod
    def _cpu(process: psutil.Process) -> float:
        times = process.cpu_times()
        return times.user + times.system


def listener(url: str) -> int | None:
    """The process that listens where `url` points, if that is on this machine and may be seen."""
    parts = urlsplit(url)
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    try:
        address = ipaddress.ip_address(socket.gethostbyname(parts.hostname or ""))
        if not address.is_loopback:
            return None
        found = [each.pid for each in psutil.net_connections("tcp") if _listens(each, port)]
    except (OSError, psutil.Error):
        return None
    return next((pid for pid in found if pid), None)


def _listens(each: "psutil._ntp.sconn", port: int) -> bool:
    return each.status == psutil.CONN_LISTEN and tuple(each.laddr)[1:] == (port,)


def _process(pid: int | None) -> psutil.Process | None:
    try:
        return psutil.Process(pid) if pid else None
    except psutil.Error:
        return None
