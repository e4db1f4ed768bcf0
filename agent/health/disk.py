"""The card or disk that holds the data: room, inodes, read-only, how much this process writes, and wear.

Written bytes are counted over the last 24 hours of monotonic time, so that a clock that jumps does not lose a day.
"""

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Clock

MB = 1_000_000
DAY_S = 86_400.0
HOUR_S = 3_600.0


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """The file system that `path` is on. `missing` when it cannot even be asked."""

    free_mb: int = 0
    inodes_free_pct: float = 0.0
    readonly: bool = False
    written_mb_day: float = 0.0
    wear_pct: float | None = None  # eMMC tells; SD cards do not
    missing: bool = False


class DiskCheck:
    """Remembers hourly counts of written bytes, at most 26 of them."""

    def __init__(self, path: Path, clock: Clock, root: Path = Path("/")) -> None:
        self._path = path
        self._clock = clock
        self._root = root
        self._hours: deque[tuple[float, int]] = deque([(clock.mono_s(), self._written())], maxlen=26)

    def read(self) -> DiskHealth:
        """Look at the disk."""
        written_mb = round(self._written_day() / MB, 1)
        try:
            room = os.statvfs(self._path)
        except OSError:
            return DiskHealth(written_mb_day=written_mb, missing=True)
        return DiskHealth(
            free_mb=room.f_bavail * room.f_frsize // MB,
            # File systems without a fixed number of inodes (btrfs, vfat) say 0 of 0.
            inodes_free_pct=round(100.0 * room.f_favail / room.f_files, 1) if room.f_files else 100.0,
            readonly=bool(room.f_flag & os.ST_RDONLY),
            written_mb_day=written_mb,
            wear_pct=read_wear(self._path, self._root),
        )

    def _written_day(self) -> int:
        now_s, written = self._clock.mono_s(), self._written()
        if now_s - self._hours[-1][0] >= HOUR_S:
            self._hours.append((now_s, written))
        while len(self._hours) > 1 and now_s - self._hours[1][0] >= DAY_S:
            self._hours.popleft()
        return max(0, written - self._hours[0][1])

    def _written(self) -> int:
        try:
            lines = (self._root / "proc/self/io").read_text(encoding="ascii").splitlines()
        except OSError:
            return 0
        counts = dict(line.split(": ", 1) for line in lines if ": " in line)
        return int(counts.get("write_bytes", 0)) - int(counts.get("cancelled_write_bytes", 0))


def read_wear(path: Path, root: Path = Path("/")) -> float | None:
    """Per cent of its life that an eMMC says is used up (JEDEC device life time, in steps of 10), or None."""
    try:
        device = path.stat().st_dev
        block = (root / f"sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve(strict=True)
    except OSError:
        return None
    for folder in (block, block.parent):  # the disk itself, or the disk of this partition
        try:
            steps = (folder / "device/life_time").read_text(encoding="ascii").split()
            return max(int(step, 16) for step in steps) * 10.0
        except (OSError, ValueError):
            continue
    return None
