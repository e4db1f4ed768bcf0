"""`footage.mode: events`: the ring lies in memory, and the card gets what an event, a request or a hold covers.

Both are the same `Footage`, in two directories: packets go to the one in memory, finished segments that are wanted are
taken over by the one on the card. For everybody else the two look like one.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agent.clock import NS, Clock, Moment
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.dates import Belief
from agent.footage.holds import Held
from agent.footage.keeper import Keeper
from agent.footage.library import Library
from agent.footage.sealing import Sealer
from agent.footage.since import read_since, write_since
from agent.footage.store import Footage
from agent.footage.stored import newest_of
from agent.values import ClipWanted, FootageState, OutgoingClip, Packet

log = logging.getLogger(__name__)
STEP_BYTES = 1_000_000  # written to memory between two looks at its bounds
RETRY_S = 10.0
MOST_COVERS = 256  # events; the oldest are forgotten
COVER_NS = 600 * NS  # after its end an event's segments have long been finished
AT_ONCE = 8


class EventFootage:
    """As `Footage`: one writing thread, readers anywhere. Raises StorageError. It owns `card` and `memory`."""

    def __init__(self, card: Footage, memory: Footage, directory: Path, clock: Clock) -> None:
        self._card = card
        self._memory = memory
        self._directory = directory  # of the card's
        self._clock = clock
        self._begun = clock.now()
        self._since_ns = read_since(directory)
        self._keeper = Keeper(card, memory, directory, clock)
        self._lock = threading.Lock()  # of the wishes
        self._asked: tuple[ClipWanted, ...] = ()
        self._covers: dict[str, ClipWanted] = {}
        self._held: tuple[ClipWanted, ...] = ()
        self._changed = True
        self._seen = 0  # of the segments that memory has finished
        self._grown = 0  # bytes since the last look at memory's bounds
        self._failure: StorageError | None = None
        self._retry_s = clock.mono_s()

    @property
    def library(self) -> Library:
        """What is there, in memory and on the card."""
        return self._card.library.beside(self._memory.library, self._since_ns)

    def seal_with(self, sealer: Sealer) -> None:
        """As `Footage`: one chain, whether its segments are kept or not."""
        self._memory.seal_with(sealer, newest_of(self._card.rows()).values())

    def mend(self) -> None:
        """As `Footage`."""
        self._memory.mend()
        self._card.mend()

    def cover(self, event: ClipWanted) -> None:
        """An event covers this stretch; told again when its end is known. From any thread."""
        with self._lock:
            self._covers.pop(event.id, None)
            self._covers[event.id] = event
            while len(self._covers) > MOST_COVERS:
                del self._covers[next(iter(self._covers))]
            self._changed = True

    def pin(self, wanted: Sequence[ClipWanted]) -> None:
        """These ranges will be cut."""
        self._card.pin(wanted)
        with self._lock:
            self._changed = self._changed or self._asked != tuple(wanted)
            self._asked = tuple(wanted)

    def write(self, packet: Packet, lost: int = 0) -> None:
        """As `Footage`. Trouble with the card is told by the next `expire`: memory goes on."""
        self._memory.write(packet, lost)
        self._grown += len(packet.data)
        if self._grown >= STEP_BYTES:
            self._grown = 0
            self._try(self._bound)
        if self._clock.mono_s() >= self._retry_s:
            self._try(self._carry)

    def settle(self) -> None:
        """As `Footage`."""
        self._memory.settle()

    def ready(self, wanted: ClipWanted) -> bool:
        """As `Footage`."""
        return self.library.ready(wanted)

    def delivered(self, clip: OutgoingClip) -> None:
        """As `Footage`."""
        self._card.delivered(clip)

    def expire(self) -> int:
        """Keep both within their bounds; tells also what went wrong with keeping since the last time."""
        self._try(self._read_holds)
        for _ in range(AT_ONCE):
            if not self._try(self._carry):
                break
        self._keeper.let_go()
        removed = self._memory.expire() + self._card.expire()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return removed

    def enter(self) -> None:
        """As `Footage`."""
        self._memory.enter()
        self._card.enter()

    def look(self) -> Belief:
        """As `Footage`: the footage on the card is the clock's witness."""
        return self._card.look()

    def redate(self, clock: Clock) -> int:
        """As `Footage`; the card is told of this boot only when it has footage of it."""
        now = clock.now()
        if self._since_ns is None and self.look().dates:
            self._since_ns = now.wall_ns - (now.mono_ns - self._begun.mono_ns)
            try:
                write_since(self._directory, self._since_ns)
            except OSError as error:
                raise disk_error(error, self._directory) from error
        dated = self._memory.redate(clock)
        return dated + (self._card.redate(clock) if self._card.knows(now.boot_id) else 0)

    def state(self, cam: str) -> FootageState:
        """As `Footage`; `bytes` are the card's. What was in memory only counts as `not_kept` when it is removed."""
        card, memory = self._card.state(cam), self._memory.state(cam)
        gone = memory.evicted
        evicted = replace(
            card.evicted,
            pending=card.evicted.pending + gone.pending,
            not_kept=gone.delivered + gone.unwanted + gone.too_old,
        )
        oldest_ns = memory.oldest_ns if card.oldest_ns is None else card.oldest_ns
        return replace(memory, evicted=evicted, oldest_ns=oldest_ns, bytes=card.bytes, memory_bytes=memory.bytes)

    def close(self) -> None:
        """Finish what is open, keep what is wanted of it, and close both."""
        try:
            self._memory.finish()
            self._look()
            while self._keeper.keep():
                pass
        finally:
            try:
                self._memory.close()
            finally:
                self._card.close()

    def _try(self, work: Callable[[], None]) -> bool:
        try:
            work()
            return True
        except StorageError as error:
            log.warning("what is wanted stays in memory for now: %s", error)
            self._failure = error
            self._retry_s = self._clock.mono_s() + RETRY_S
            return False

    def _read_holds(self) -> None:
        held = tuple(as_wanted(self._card.library.held()))
        with self._lock:
            self._changed = self._changed or held != self._held
            self._held = held

    def _bound(self) -> None:
        self._keeper.let_go()
        self._memory.expire()

    def _carry(self) -> None:
        if self._changed or self._seen != self._memory.finished:
            self._look()
        self._keeper.keep()

    def _look(self) -> None:
        now = self._clock.now()
        with self._lock:
            for name, one in list(self._covers.items()):
                if one.end.boot_id != now.boot_id or now.mono_ns - one.end.mono_ns > COVER_NS:
                    del self._covers[name]
            wanted = (*self._asked, *self._covers.values(), *self._held)
            self._changed = False
        self._seen = self._memory.finished
        oldest = next(self._memory.rows(), None)
        if oldest is not None:  # hundreds of clips may wait for a line, all of them on the card long since
            wanted = tuple(one for one in wanted if not ends_before(one, oldest.segment.start))
        self._memory.pin(wanted)
        self._keeper.look(wanted)


def ends_before(wanted: ClipWanted, at: Moment) -> bool:
    """Within one boot; of others nobody knows."""
    return wanted.end.boot_id == at.boot_id and wanted.end.mono_ns < at.mono_ns


def as_wanted(held: Sequence[Held]) -> Iterator[ClipWanted]:
    """Holds as stretches that are wanted."""
    for one in held:
        for boot, from_ns, to_ns in one.boots:
            start = Moment(from_ns, one.hold.from_ns, True, boot)
            end = Moment(to_ns, one.hold.to_ns, True, boot)
            yield ClipWanted(one.hold.id, one.hold.cam, start, end, end)
