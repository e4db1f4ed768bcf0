"""The computer itself: model, load, memory, temperature, and whether the power supply is good enough.

Reads /proc and /sys below `root`. What a machine does not have is None, never an error.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from agent.health.throttle import Throttle, read_throttle

MIB = 1024 * 1024
# Thermal zones of the processor: Raspberry Pi, Jetson, x86. Others are batteries, wifi and the like.
CPU_ZONES = ("cpu", "soc", "x86_pkg_temp")


@dataclass(frozen=True, slots=True)
class BoardHealth:
    """The board now. `cpu_pct` is 0..100 over all cores since the last look; `load` over 1, 5 and 15 minutes."""

    model: str
    cpu_pct: float | None
    load: tuple[float, float, float]
    mem_free_mb: int | None  # what programs could still get, caches counted as free
    temp_c: float | None
    throttle: Throttle | None


class BoardCheck:
    """Of one machine; counts from its construction how busy the processor is."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._ticks = _ticks(root)

    def read(self) -> BoardHealth:
        """Look at the board. Takes up to 2 s where `vcgencmd` hangs."""
        before, self._ticks = self._ticks, _ticks(self._root)
        free = read_memory(self._root, "MemAvailable")
        return BoardHealth(
            model=read_model(self._root),
            cpu_pct=_busy_pct(before, self._ticks),
            load=os.getloadavg(),
            mem_free_mb=None if free is None else free // MIB,
            temp_c=read_temperature(self._root),
            throttle=read_throttle(self._root),
        )


def read_memory(root: Path, what: str) -> int | None:
    """Bytes of memory, by the kernel's word for it: MemTotal, MemAvailable."""
    try:
        told = (root / "proc/meminfo").read_text(encoding="ascii")
        return next(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith(f"{what}:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _ticks(root: Path) -> list[int]:
    """user, nice, system, idle, iowait, irq, softirq, steal of all cores; guests count as user already."""
    try:
        with (root / "proc/stat").open(encoding="ascii") as file:
            return [int(each) for each in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return []


def _busy_pct(before: list[int], now: list[int]) -> float | None:
    spent = [after - was for was, after in zip(before, now, strict=False)]
    if sum(spent) <= 0:
        return None
    return round(min(max(100.0 * (1 - sum(spent[3:5]) / sum(spent)), 0.0), 100.0), 1)


def read_model(root: Path) -> str:
    """The maker's name for this board: from the device tree, or from DMI on a PC, or ''."""
    for place in ("proc/device-tree/model", "sys/class/dmi/id/product_name"):
        try:
            model = (root / place).read_bytes().decode("utf-8", "replace").strip(" \0\n")
        except OSError:
            continue
        if model:
            return model
    return ""


def read_temperature(root: Path) -> float | None:
    """Degrees Celsius of the hottest processor sensor."""
    found: list[float] = []
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        try:
            kind = (zone / "type").read_text(encoding="ascii").strip().lower()
            degrees = int((zone / "temp").read_text(encoding="ascii")) / 1000
        except (OSError, ValueError):
            continue  # a sensor may be switched off with its part of the chip
        if kind.startswith(CPU_ZONES):
            found.append(degrees)
    return max(found, default=None)
