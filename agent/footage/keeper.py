"""Takes segments from the ring in memory to the card, as soon as something wants them: durably, with row and seal.

For the writing thread. A segment stays in memory for a moment after it was taken, for who has just looked it up.
"""

from collections import deque
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from agent.clock import NS, Clock
from agent.durable import disk_error
from agent.footage.evictions import NOT_KEPT
from agent.footage.holes import Hole, note_hole
from agent.footage.ranges import Ranges, stretches_of
from agent.footage.sealing import read_mark
from agent.footage.store import Footage
from agent.footage.stored import Stored, is_before, newest_of
from agent.footage.windows import length_ns
from agent.values import ClipWanted, Mark

TWICE_S = 5.0  # a cut opens what it has looked up within milliseconds
JOINS_NS = NS


class Keeper:
    """Raises StorageError; what could not be taken is tried again with the next call."""

    def __init__(self, card: Footage, memory: Footage, directory: Path, clock: Clock) -> None:
        self._card = card
        self._memory = memory
        self._directory = directory
        self._clock = clock
        self._newest = newest_of(card.rows())
        self._waiting: deque[Stored] = deque()
        self._twice: dict[Path, float] = {}  # in memory and on the card since then, monotonic seconds
        self._noted: Hole | None = None

    def look(self, wanted: Sequence[ClipWanted]) -> None:
        """See which segments in memory are wanted."""
        ranges = Ranges(part for one in wanted for part in stretches_of(one))
        rows = self._memory.rows() if ranges else ()
        self._waiting = deque(one for one in rows if one.path not in self._twice and ranges.touch(one.segment))

    def keep(self) -> bool:
        """Take the oldest that waits; False when none does."""
        while self._waiting and not self._waiting[0].path.exists():
            self._waiting.popleft()
        if not self._waiting:
            return False
        stored = self._waiting[0]
        if not (self._directory / stored.segment.cam / stored.path.name).exists():  # from before a restart
            self.take(stored)
        self._twice[stored.path] = self._clock.mono_s()
        self._waiting.popleft()
        return True

    def let_go(self) -> None:
        """Free the memory of those that have been on the card for a while, but for each camera's newest."""
        if not self._twice:
            return
        now_s, rows = self._clock.mono_s(), list(self._memory.rows())
        self._twice = {one.path: at_s for one in rows if (at_s := self._twice.get(one.path)) is not None}
        newest = {one.path for one in newest_of(rows).values()}  # its chain goes on from there
        over = [one for one in rows if one.path not in newest and now_s - self._twice.get(one.path, now_s) > TWICE_S]
        self._memory.drop(over)
        for stored in over:
            del self._twice[stored.path]

    def take(self, stored: Stored) -> None:
        """A copy of it becomes the card's, and the holes around it are told first."""
        segment, mark = stored.segment, read_mark(stored.path)
        before, after = self._neighbours(stored)
        cause = segment.gap_cause
        if before is not None and not self._follows(before, stored, mark):
            cause = NOT_KEPT
            self._tell_hole(before, mark)
        elif before is None and cause is None:
            cause = NOT_KEPT
        if after is not None:
            self._tell_hole(stored, read_mark(after.path))
        taken = self._card.take(stored, cause)
        if after is None:
            self._newest[segment.cam] = taken
        if cause != segment.gap_cause:
            self._card.enter()  # only its row says so, not the file

    def _neighbours(self, stored: Stored) -> tuple[Stored | None, Stored | None]:
        """What is on the card just before it, and just after."""
        cam, boot = stored.segment.cam, stored.segment.start.boot_id
        newest = self._newest.get(cam)
        if newest is None or newest.segment.start.boot_id != boot or not is_before(stored, newest):
            return newest, None
        rows = [one for one in self._card.rows() if one.segment.cam == cam]
        newer = [one for one in rows if one.segment.start.boot_id == boot and is_before(stored, one)]
        older = newest_of(one for one in rows if one not in newer).get(cam)
        return older, reduce(lambda one, other: one if is_before(one, other) else other, newer) if newer else None

    def _follows(self, before: Stored, stored: Stored, mark: Mark | None) -> bool:
        if mark is not None and before.segment.seal is not None:
            return mark.before == before.segment.seal.link
        start, earlier = stored.segment.start, before.segment.start
        near = start.mono_ns - earlier.mono_ns - length_ns(before) < JOINS_NS
        return start.boot_id == earlier.boot_id and (near or self._just_before(stored) == before.path.name)

    def _just_before(self, stored: Stored) -> str | None:
        name = None
        for one in self._memory.rows():
            if one.path == stored.path:
                return name
            name = one.path.name if one.segment.cam == stored.segment.cam else name
        return None

    def _tell_hole(self, before: Stored, mark: Mark | None) -> None:
        seal = before.segment.seal
        if seal is None or mark is None or seal.link == mark.before:
            return
        count = mark.seq - 1 - (seal.seq if seal.epoch == mark.epoch else 0)
        # A new epoch stands on the last link of the one before: its first file has no number before it.
        last = (mark.epoch, mark.seq - 1) if mark.seq > 1 else (seal.epoch, seal.seq + 1)
        hole = Hole(seal.link, mark.before, *last, max(count, 1))
        if hole == self._noted:
            return
        folder = self._directory / before.segment.cam
        try:
            note_hole(folder, hole)
        except OSError as error:
            raise disk_error(error, folder) from error
        self._noted = hole
