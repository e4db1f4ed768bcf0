"""What systemd says of the agent's unit: is it there, does it run, does it come back after a power cut?"""

import os
import re
import subprocess
from dataclasses import dataclass

UNIT = "camera-agent.service"
TIMEOUT_S = 5.0
PROPERTIES = ("LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "WatchdogUSec")
SPAN = re.compile(r"(\d+)(us|ms|s|min|h|d)\b")
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Service:
    """The words are systemd's own: loaded, active, running, enabled."""

    load: str
    active: str
    sub: str = ""
    enabled: str = ""
    restarts: int = 0
    watchdog_s: float | None = None

    @property
    def installed(self) -> bool:
        """systemd knows the unit."""
        return self.load == "loaded"


def read_service(unit: str = UNIT, command: str = "systemctl") -> Service | None:
    """Ask systemd; None where there is none that answers."""
    asked = [command, "show", unit, *(f"--property={name}" for name in PROPERTIES)]
    try:
        answer = subprocess.run(
            asked,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
    if answer.returncode != 0 or "LoadState" not in told:
        return None
    restarts = told.get("NRestarts", "0")
    return Service(
        load=told["LoadState"],
        active=told.get("ActiveState", ""),
        sub=told.get("SubState", ""),
        enabled=told.get("UnitFileState", ""),
        restarts=int(restarts) if restarts.isdecimal() else 0,
        watchdog_s=_seconds(told.get("WatchdogUSec", "")),
    )


def _seconds(words: str) -> float | None:
    """`1min 30s` as systemd prints a span; None for `0` and `infinity`."""
    total = sum(int(count) * SECONDS[unit] for count, unit in SPAN.findall(words))
    return total or None
