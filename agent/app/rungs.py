"""What was done about a camera that hangs, kept over restarts and reboots: which rung, when, how often, for whom.

A small JSON file in the data directory, synced before anything is done. A damaged one counts as: both rungs were taken
just now, so that a worn card cannot make a node restart for ever.
"""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.clock import NS, Moment
from agent.durable import disk_error, write_durably

log = logging.getLogger(__name__)
FILE = "escalation.json"
MOST_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Taken:
    """One rung: how often it was taken in the life of the node, and when last."""

    count: int = 0
    at: Moment | None = None

    def once_more(self, at: Moment) -> "Taken":
        """Taken at `at`."""
        return Taken(self.count + 1, at)

    def longer_ago_than(self, seconds: float, now: Moment) -> bool:
        """Surely so: over a reboot only a wall clock that was set counts, or the time since the reboot."""
        return self.at is None or elapsed_s(self.at, now) >= seconds


@dataclass(frozen=True, slots=True)
class Rungs:
    """`camera`: for whose hang the process rung was taken, while it lasts; `rebooted`: the other rung was, too."""

    process: Taken = Taken()
    reboot: Taken = Taken()
    camera: str | None = None
    rebooted: bool = False


def elapsed_s(since: Moment, now: Moment) -> float:
    """Seconds between them, or, when that cannot be told, what it is at least."""
    if since.boot_id == now.boot_id:
        return now.mono_s - since.mono_s
    if since.trusted and now.trusted:
        return max(now.mono_s, (now.wall_ns - since.wall_ns) / NS)
    return now.mono_s  # Linux counts it from the boot, and `since` was before


class RungFile:
    """Reads once, then keeps what it writes."""

    def __init__(self, folder: Path, now: Moment) -> None:
        self._path = folder / FILE
        self.rungs = self._read(now)

    def keep(self, rungs: Rungs) -> None:
        """On the disk for good when this returns. Raises StorageError; then the old ones hold."""
        try:
            write_durably(self._path, json.dumps(asdict(rungs)).encode())
        except OSError as error:
            raise disk_error(error, self._path) from error
        self.rungs = rungs

    def _read(self, now: Moment) -> Rungs:
        try:
            with self._path.open("rb") as file:
                row = json.loads(file.read(MOST_BYTES))
            camera = row["camera"]
            return Rungs(_taken(row["process"]), _taken(row["reboot"]), camera and str(camera), bool(row["rebooted"]))
        except FileNotFoundError:
            return Rungs()
        except (OSError, ValueError, TypeError, LookupError, OverflowError, RecursionError):
            log.warning("%s is damaged: no rung is taken for a while", self._path)
            return Rungs(Taken(0, now), Taken(0, now))


def _taken(row: Any) -> Taken:
    at = row["at"]
    moment = at and Moment(_whole(at["mono_ns"]), _whole(at["wall_ns"]), bool(at["trusted"]), str(at["boot_id"]))
    return Taken(_whole(row["count"]), moment or None)


def _whole(value: Any) -> int:
    number = int(value)
    if not 0 <= number < 2**63:
        raise ValueError("no count and no time")
    return number
