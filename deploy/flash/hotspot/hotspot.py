"""The node's own wifi: on only while the setup page is open and no other wifi carries the node. Run by a timer as root.

A radio cannot look for the home's wifi while it is itself one. So it is on for ten minutes at a time, goes off when
nobody is on it, leaves two minutes for the home's wifi to come back, and is never on once the page has closed: a
router that is slower than the node after a power cut cannot lock the node out.

Debian's Python and its standard library only. Never tried on a radio: the order of the steps is tested, not the air.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

NAME = "camera-agent-hotspot"
OPEN = Path("/var/lib/camera-agent/setup/open.json")  # the setup page's own note: of which boot, and until when
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NOTE = Path("/run/camera-agent-hotspot/since")
SLOT_S = 600.0
PAUSE_S = 120.0
MOST_BYTES = 20_000
COMMAND_S = 25


@dataclass(frozen=True)
class Seen:
    """What is now. `since_s`: when the own wifi was last switched, None: not in this boot."""

    now_s: float
    page_open: bool
    own_on: bool
    other_wifi: bool
    clients: int
    since_s: "float | None"


def wanted(seen: Seen) -> bool:
    """Should the own wifi be on?"""
    if not seen.page_open or seen.other_wifi:
        return False
    spent_s = seen.now_s - (seen.since_s or 0.0)
    if seen.own_on:
        return seen.clients > 0 or spent_s < SLOT_S
    return spent_s >= PAUSE_S


def page_open(now_s: float) -> bool:
    """As agent/installer/setup/opening.py writes it; anything that cannot be read means closed."""
    try:
        with OPEN.open("rb") as file:
            told = json.loads(file.read(MOST_BYTES))
        return bool(told["boot_id"] == BOOT_ID.read_text().strip() and float(told["until_s"]) > now_s)
    except (OSError, ValueError, TypeError, KeyError):
        return False


def asked(*command: str) -> str:
    """What a program says; nothing when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def look() -> Seen:
    """Ask NetworkManager and the radio."""
    now_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    device, connection = "", ""
    for line in asked(
        "nmcli", "--terse", "--escape", "no", "--fields", "DEVICE,TYPE,STATE,CONNECTION", "device"
    ).splitlines():
        parts = line.split(":", 3)
        if len(parts) == 4 and parts[1] == "wifi" and not device:
            device, connection = parts[0], parts[3] if parts[2].startswith("connected") else ""
    own_on = connection == NAME
    clients = asked("iw", "dev", device, "station", "dump").count("Station ") if own_on else 0
    try:
        since_s = float(NOTE.read_text())
    except (OSError, ValueError):
        since_s = None
    return Seen(now_s, page_open(now_s), own_on, bool(connection) and not own_on, clients, since_s)


def main() -> int:
    """0; 1 when NetworkManager did not do it."""
    seen = look()
    on = wanted(seen)
    if on == seen.own_on:
        return 0
    NOTE.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    NOTE.write_text(f"{seen.now_s:.0f}\n")
    done = subprocess.run(("nmcli", "connection", "up" if on else "down", NAME), timeout=60, check=False)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
