"""Which segments must go for the sake of space, kind by kind, the oldest first. It is told the facts and names the
victims.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from pathlib import Path

from agent.config.storage import FootageSection
from agent.durable import disk_error
from agent.footage.ranges import Ranges
from agent.footage.stored import Stored

HARD = 1.1  # over the budget by this: even what a clip waits for goes
SPARE_FILES = 64  # inodes kept free: a database needs some for its log
MARGIN = 100  # a hundredth more than must go goes at once: each removal writes to the index
LARGEST_MARGIN = 32_000_000  # bytes


class Kind(Enum):
    """Why a segment could go, and so in which order."""

    DELIVERED = "delivered"  # the ward has all of it, and it is in the older half
    UNWANTED = "unwanted"
    PENDING = "pending"  # a clip waits for it: a loss
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Victim:
    """A segment that must go, and why it was this one."""

    stored: Stored
    kind: Kind


@dataclass(frozen=True, slots=True)
class Marks:
    """What is special about stretches of footage."""

    held: Ranges = field(default_factory=Ranges)
    pending: Ranges = field(default_factory=Ranges)
    delivered: Ranges = field(default_factory=Ranges)


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is, and how much there may be, in bytes."""

    used: int
    budget: int
    free: int  # of the file system
    keep_free: int
    free_files: int | None = None  # inodes; None where the file system does not count them
    floor: int = 0  # what others put on the disk does not push footage below this

    @property
    def excess_files(self) -> int:
        """Files that must go."""
        short = 0 if self.free_files is None else max(SPARE_FILES - self.free_files, 0)
        return short if self.used > self.floor else 0

    @property
    def excess(self) -> int:
        """Bytes that must go."""
        return max(self.used - self.budget, self._yielded(self.keep_free - self.free), 0)

    @property
    def hard_excess(self) -> int:
        """Bytes that must go whoever waits for them."""
        return max(round(self.used - self.budget * HARD), self._yielded(self.keep_free // 2 - self.free), 0)

    @property
    def goal(self) -> int:
        """Bytes that go when any must."""
        if not self.excess:
            return 0
        return self.excess + min(self.used // MARGIN, self.budget // MARGIN, LARGEST_MARGIN)

    def _yielded(self, short: int) -> int:
        return min(short, self.used - self.floor)


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
    return Room(used, section.budget, disk.f_bavail * disk.f_frsize, section.keep_free, files, section.floor)


def over_budget(rows: Callable[[], Iterable[Stored]], count: int, room: Room, marks: Marks) -> list[Victim]:
    """What makes up the excess: delivered footage of the older half, then unwanted, then pending; held never.

    `rows` gives all `count` rows in the order of recording, each time anew.
    """
    if not room.excess and not room.excess_files:
        return []
    chosen: dict[int, Victim] = {}
    freed = 0

    def take(candidates: Iterator[Stored], kind: Kind, goal: int) -> None:
        nonlocal freed
        while freed < goal or len(chosen) < room.excess_files:
            stored = next(candidates, None)
            if stored is None:
                return
            chosen[stored.segment.id] = Victim(stored, kind)
            freed += stored.segment.bytes

    def free(kind_of: Callable[[Stored], bool], oldest: int) -> Iterator[Stored]:
        for stored in islice(rows(), oldest):
            if stored.segment.id not in chosen and kind_of(stored) and not marks.held.touch(stored.segment):
                yield stored

    def unwanted(stored: Stored) -> bool:
        return not marks.pending.touch(stored.segment)

    def delivered(stored: Stored) -> bool:
        return marks.delivered.cover(stored.segment) and unwanted(stored)

    if marks.delivered:
        take(free(delivered, count // 2), Kind.DELIVERED, room.goal)
    take(free(unwanted, count), Kind.UNWANTED, room.goal)
    take(free(lambda one: True, count), Kind.PENDING, room.hard_excess)
    return list(chosen.values())
