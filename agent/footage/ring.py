"""Which segments must go: bytes, free space, age. Oldest first. It is told the facts and names the victims."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.clock import NS, Moment
from agent.config.storage import FootageSection
from agent.durable import disk_error
from agent.footage.stored import Stored
from agent.values import ClipWanted

MASS_SHARE = 0.2  # more than this at once by age looks like a clock that jumped
STEADY_S = 3600.0  # after this long without a jump it is believed all the same
JUMP_NS = 60 * NS
HARD = 1.1  # over the budget by this: even what a clip waits for goes
SPARE_FILES = 64  # inodes kept free: a database needs some for its log


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is, and how much there may be, in bytes."""

    used: int
    budget: int
    free: int  # of the file system
    keep_free: int
    free_files: int | None = None  # inodes; None where the file system does not count them

    @property
    def excess_files(self) -> int:
        """Files that must go."""
        return 0 if self.free_files is None else max(SPARE_FILES - self.free_files, 0)

    @property
    def excess(self) -> int:
        """Bytes that must go."""
        return max(self.used - self.budget, self.keep_free - self.free, 0)

    @property
    def hard_excess(self) -> int:
        """Bytes that must go whoever waits for them."""
        return max(round(self.used - self.budget * HARD), self.keep_free // 2 - self.free, 0)


def free_bytes(directory: Path) -> int:
    """What the file system has left for us."""
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize


def room_in(directory: Path, used: int, section: FootageSection) -> Room:
    """How much there is for footage that takes `used` bytes. Raises StorageError when the disk cannot be asked."""
    try:
        disk = os.statvfs(directory)
    except OSError as error:
        raise disk_error(error, directory) from error
    # File systems without a fixed number of inodes (btrfs, vfat) say 0 of 0.
    files = disk.f_favail if disk.f_files else None
    return Room(used, section.budget, disk.f_bavail * disk.f_frsize, section.keep_free, files)


def overlaps(stored: Stored, wanted: ClipWanted) -> bool:
    """Is any of this segment within the wanted stretch?"""
    segment = stored.segment
    if segment.cam != wanted.cam:
        return False
    length_ns = round(segment.duration_s * NS)
    if segment.start.boot_id == wanted.start.boot_id:
        return segment.start.mono_ns < wanted.end.mono_ns and segment.start.mono_ns + length_ns > wanted.start.mono_ns
    return segment.start.wall_ns < wanted.end.wall_ns and segment.end_ns > wanted.start.wall_ns


def over_budget(oldest: Sequence[Stored], room: Room, wanted: Sequence[ClipWanted]) -> list[Stored]:
    """The oldest segments that make up the excess; pinned ones only for the hard excess."""
    victims: list[Stored] = []
    freed = 0
    for stored in oldest:
        if freed >= room.excess and len(victims) >= room.excess_files:
            break
        pinned = any(overlaps(stored, one) for one in wanted)
        if not pinned or freed < room.hard_excess:
            victims.append(stored)
            freed += stored.segment.bytes
    return victims


class AgeLimit:
    """`max_age_s` by the wall clock, with suspicion: an untrusted clock deletes nothing, a jump deletes no mass."""

    def __init__(self, max_age_s: float) -> None:
        self._max_age_ns = round(max_age_s * NS)
        self._offset_ns: int | None = None
        self._steady_since_ns = 0

    def too_old(self, rows: Sequence[Stored], now: Moment) -> list[Stored]:
        """Rows (in the order of recording, one camera's) that are older than allowed.

        A row that was dated by an untrusted clock goes when a later, trusted one goes.
        """
        offset_ns = now.wall_ns - now.mono_ns
        if self._offset_ns is None or abs(offset_ns - self._offset_ns) > JUMP_NS:
            self._steady_since_ns = now.mono_ns
        self._offset_ns = offset_ns
        if not now.trusted:
            return []
        limit_ns = now.wall_ns - self._max_age_ns
        past = [
            number for number, row in enumerate(rows) if row.segment.start.trusted and row.segment.end_ns < limit_ns
        ]
        victims = list(rows[: past[-1] + 1]) if past else []
        steady = now.mono_ns - self._steady_since_ns >= STEADY_S * NS
        return victims if steady or len(victims) <= max(1, len(rows) * MASS_SHARE) else []
