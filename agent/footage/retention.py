"""Removing footage: what is too old, and what there is no room for. Touched by the writing thread only, but for `mark`
and `delivered`.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.clock import Moment
from agent.config.model import FootageSection
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.age import AgeLimit
from agent.footage.dates import Belief, Dates
from agent.footage.evictions import Evictions
from agent.footage.holds import Held, Holds
from agent.footage.index import Index
from agent.footage.ranges import Ranges, Stretch, stretches_of
from agent.footage.ring import Kind, Marks, Room, Victim, over_budget, room_in
from agent.footage.stored import Stored
from agent.footage.tombs import entomb
from agent.values import ClipWanted

log = logging.getLogger(__name__)
DAY_S = 86_400.0
AGE_EVERY_S = 300.0  # looking for what is too old
KNOWN_DELIVERED = 1000  # clips at the ward that are remembered; the oldest are forgotten, which only costs order


class Retention:
    """Keeps a directory within its bounds. Raises StorageError."""

    def __init__(self, directory: Path, section: FootageSection, max_days: float, dates: Dates) -> None:
        self._directory = directory
        self._section = section
        self._age = AgeLimit(max_days * DAY_S, dates)
        self._dates = dates
        self._holds = Holds(directory)
        self._wanted: tuple[ClipWanted, ...] = ()
        self._delivered: deque[Stretch] = deque(maxlen=KNOWN_DELIVERED)
        self._held: tuple[Held, ...] | None = None
        self._aged_s: float | None = None
        self.belief = Belief(False, False)
        self.witness: Callable[[], Belief] | None = None  # who knows more of the clock than this directory tells
        self.unfinished: Callable[[], int] = lambda: 0  # bytes of files that are being written

    def mark(self, wanted: Sequence[ClipWanted]) -> None:
        """These ranges will be cut."""
        self._wanted = tuple(wanted)

    def delivered(self, cam: str, from_ns: int, to_ns: int) -> None:
        """The ward has this stretch, in Unix nanoseconds."""
        self._delivered.append(Stretch(cam, None, from_ns, to_ns))

    def look(self, index: Index, now: Moment) -> Belief:
        """What the wall clock is good for now."""
        self.belief = self.witness() if self.witness else self._dates.belief(now, index.ends())
        return self.belief

    def expire(self, index: Index, evictions: Evictions, now: Moment) -> int:
        """Remove what must go; how many segments. What could be removed is removed before an error is raised."""
        believed = self.look(index, now).deletes
        steady = self._age.watch(now)
        due = self._aged_s is None or now.mono_s - self._aged_s >= AGE_EVERY_S
        room = self._room(index)
        if not (due or room.excess or room.excess_files):
            return 0
        held, failure = self._look_at_holds()
        held = [one for one in held if not self._ended(one.hold.id, one.over(now, believed and steady))]
        marks = Marks(
            held=Ranges(part for one in held for part in one.stretches()),
            pending=Ranges(part for one in self._wanted for part in stretches_of(one)),
            delivered=Ranges(list(self._delivered)),
        )
        victims: list[Victim] = []
        if due:
            self._aged_s = now.mono_s
            for cam in {one.cam for one in index.boots()}:
                old = index.ended_before(cam, self._age.cutoffs(index.boots(cam), now, believed))
                victims += [Victim(one, Kind.TOO_OLD) for one in old if not marks.held.touch(one.segment)]
        self._remove(index, evictions, victims)
        by_room = over_budget(index.scan, index.totals().segments, self._room(index), marks)
        self._remove(index, evictions, by_room)
        if failure is not None:
            raise failure
        return len(victims) + len(by_room)

    def _look_at_holds(self) -> tuple[list[Held], StorageError | None]:
        """As they are; where the disk will not say so, as they were when it last did."""
        failure: StorageError | None = None
        try:
            self._held = self._holds.all()
        except StorageError as error:
            if self._held is None:
                raise
            failure = error
        return list(self._held or ()), failure

    def _entomb(self, index: Index, removed: Sequence[Stored]) -> None:
        for cam in {one.segment.cam for one in removed}:
            first = index.oldest(cam)
            middle = [one for one in removed if one.segment.cam == cam and first and one.segment.id > first.segment.id]
            try:
                entomb(self._directory / cam, middle)
            except OSError as error:  # then the hole in the chain looks like a removal by somebody else
                log.warning("the seals of %d removed segments could not be noted: %s", len(middle), error)

    def _ended(self, hold_id: str, over: bool) -> bool:
        if over:
            log.info("the hold %s is over", hold_id)
            self._holds.remove(hold_id)
        return over

    def _room(self, index: Index) -> Room:
        return room_in(self._directory, index.bytes + self.unfinished(), self._section)

    def _remove(self, index: Index, evictions: Evictions, victims: Sequence[Victim]) -> None:
        if not victims:
            return
        index.remove(victim.stored for victim in victims)
        index.tell(evictions.note(victims))
        self._entomb(index, [victim.stored for victim in victims])
        # Rows first, so that no row promises footage that is gone; but a failing index never lets the disk fill up:
        # recovery and cutting both bear a row without a file.
        failure = _failure_of(index.enter)
        for victim in victims:
            try:
                victim.stored.path.unlink(missing_ok=True)
            except OSError as error:
                index.add(victim.stored)  # it is still there
                index.tell(evictions.note([victim], -1))
                failure = failure or disk_error(error, self._directory)
        if failure is not None:
            raise failure


def _failure_of(work: Callable[[], None]) -> StorageError | None:
    try:
        work()
    except StorageError as error:
        return error
    return None
