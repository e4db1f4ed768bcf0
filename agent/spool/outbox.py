"""The way from vision to the spool: a bounded hand-off that never blocks, and the job that writes it down.

The hand-off outlives the job: when the disk fails, the job raises, and the next one goes on with the same items. Under
pressure updates go first, then thumbnails, then whole starts; each loss is counted.
"""

import logging
import threading
from collections import deque
from dataclasses import dataclass, replace

from agent.errors import StorageError
from agent.spool.recording import Found, Recording
from agent.spool.spool import Spool
from agent.values import Event, Phase
from agent.worker import Outcome

log = logging.getLogger(__name__)
CAPACITY = 500
THUMB_BYTES = 4_000_000  # held in memory while the disk does not take them
BATCH = 50
WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What is being written, and how much was dropped on the way since the batch before."""

    items: tuple[Found, ...] = ()
    losses: int = 0

    def __bool__(self) -> bool:
        return bool(self.items or self.losses)


class Outbox:
    """`event` from vision threads; `take` and `done` from the one job."""

    def __init__(self, capacity: int = CAPACITY, thumb_bytes: int = THUMB_BYTES) -> None:
        self._capacity = capacity
        self._thumb_bytes = thumb_bytes
        self._queue: deque[Found] = deque()
        self._taken = Batch()
        self._losses = 0
        self._lock = threading.Lock()
        self._arrived = threading.Event()

    def event(self, event: Event, thumb: bytes | None = None) -> None:
        """Hand over; returns at once, whatever the disk does."""
        with self._lock:
            self._queue.append(Found(event, thumb))
            if len(self._queue) > self._capacity:
                self._drop_one()
            self._shed_thumbs()
        self._arrived.set()

    def wait(self, timeout_s: float) -> bool:
        """Sleep until there is something to take."""
        return self._arrived.wait(timeout_s)

    def wake(self) -> None:
        """Whoever waits comes back at once."""
        self._arrived.set()

    def take(self, limit: int = BATCH) -> Batch:
        """The next items; the same ones again until `done`."""
        with self._lock:
            if not self._taken:
                items = tuple(self._queue.popleft() for _ in range(min(limit, len(self._queue))))
                self._taken, self._losses = Batch(items, self._losses), 0
            if not self._queue:
                self._arrived.clear()
            return self._taken

    def done(self) -> None:
        """What was taken is on the disk."""
        with self._lock:
            self._taken = Batch()

    def _drop_one(self) -> None:
        # The oldest of the kind that matters least. Without its start an event is still told whole by its end.
        for phase in (Phase.UPDATE, Phase.START, Phase.END):
            for index, item in enumerate(self._queue):
                if item.event.phase is phase:
                    del self._queue[index]
                    self._losses += 1
                    return

    def _shed_thumbs(self) -> None:
        held = sum(len(item.thumb) for item in self._queue if item.thumb is not None)
        for index, item in enumerate(self._queue):
            if held <= self._thumb_bytes:
                return
            if item.thumb is not None:
                held -= len(item.thumb)
                self._queue[index] = replace(item, thumb=None)
                self._losses += 1


class OutboxJob:
    """A worker's job: each piece of work is one transaction with everything that waits, up to a batch.

    When it closes because of `stop`, what still waits is written first; so vision must have ended before.
    """

    def __init__(self, outbox: Outbox, spool: Spool, how: Recording, stop: threading.Event | None = None) -> None:
        self._outbox = outbox
        self._spool = spool
        self._how = how
        self._stop = stop or threading.Event()

    def run_once(self) -> Outcome:
        """Write what waits. Raises StorageError; the items are kept for the next try."""
        batch = self._outbox.take()
        if not batch:
            self._outbox.wait(WAIT_S)
            return Outcome.IDLE
        try:
            self._spool.record(batch.items, self._how, batch.losses)
        except ValueError:
            self._write_singly(batch)
        self._outbox.done()
        return Outcome.WORKED

    def flush(self) -> None:
        """Write everything that waits; for stopping, after vision has ended. Raises StorageError."""
        while self._outbox.take():
            self.run_once()

    def _write_singly(self, batch: Batch) -> None:
        # One item cannot be told; the others must not wait behind it for ever.
        losses = batch.losses
        for item in batch.items:
            try:
                self._spool.record((item,), self._how)
            except ValueError as error:
                log.error("event %s cannot be told and is dropped: %s", item.event.id, error)
                losses += 1
        self._spool.record((), self._how, losses)

    def close(self) -> None:
        """On a stop: write what waits. The spool and the hand-off belong to the app."""
        if not self._stop.is_set():
            return
        try:
            self.flush()
        except StorageError as error:
            log.error("what vision found last is lost: %s", error)
