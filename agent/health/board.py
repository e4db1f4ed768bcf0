"""The computer itself: model, load, memory, temperature, and whether the power supply is good enough.

Reads /proc and /sys below `root`. What a machine does not have is None, never an error.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.health.throttle import Throttle, read_throttle

MIB = 1024 * 1024
# Thermal zones of the processor: Raspberry Pi, Jetson, x86. Others are batteries, wifi and the like.
CPU_ZONES = ("cpu", "soc", "x86_pkg_temp")


@dataclass(frozen=True, slots=True)
class BoardHealth:
    """The board now. `cpu_pct` is 0..100 over all cores since the last look; `load` over 1, 5 and 15 minutes."""

    model: str
    cpu_pct: float
    load: tuple[float, float, float]
    mem_free_mb: int  # what programs could still get, caches counted as free
    temp_c: float | None
    throttle: Throttle | None


def read_board(root: Path = Path("/")) -> BoardHealth:
    """Look at the board. Takes up to 2 s where `vcgencmd` hangs."""
    return BoardHealth(
        model=read_model(root),
        cpu_pct=psutil.cpu_percent(None),
        load=os.getloadavg(),
        mem_free_mb=psutil.virtual_memory().available // MIB,
        temp_c=read_temperature(root),
        throttle=read_throttle(root),
    )


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
