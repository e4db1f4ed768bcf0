"""Where commands begin, keep and end live pictures, and where the threads that push take their orders.

Nothing of it outlives the process: a picture that ran when it died is told to have failed, and does not go on.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Clock
from agent.config.asked import LiveSection
from agent.durable import disk_error, write_durably
from agent.errors import StorageError
from agent.i18n import Text
from agent.uplink.live import words
from agent.uplink.live.ladder import Room, first
from agent.uplink.live.order import Order
from agent.uplink.live.server import server_of
from agent.uplink.live.tap import Stream
from agent.values import LiveGrant, LiveNo, LiveWish, Rest

log = logging.getLogger(__name__)
AT_ONCE = 2  # pictures; each takes its part of one household's line
DONE = (words.STOPPED, words.NOBODY, words.LONG_ENOUGH)  # ends as it was meant to


@dataclass(frozen=True, slots=True)
class DeskDoors:
    """What granting depends on."""

    stream: Callable[[str], Stream | None]  # a camera's own, as it comes now
    line_kbps: Callable[[], float | None]  # what the household's line has left; None: no limit is known
    rest: Callable[[], Rest | None]  # why nothing large may leave now


class LiveDesk:
    """Thread-safe. `file` holds the jobs that run."""

    def __init__(self, section: LiveSection, doors: DeskDoors, file: Path, clock: Clock) -> None:
        self._section = section
        self._server = server_of(section.url)
        self._doors = doors
        self._file = file
        self._clock = clock
        self._changed = threading.Condition()
        self._orders: dict[str, Order] = {}  # by job, begun and not over
        self._free: list[Order] = []  # that no thread has taken
        self._stops = False
        self.interrupted = _load(file)  # job and camera, of a process that died

    # From the thread of commands

    def plan(self, wish: LiveWish) -> LiveGrant | LiveNo:
        """How it would be shown, or why not. Nothing is begun."""
        rest = self._doors.rest()
        if rest is not None:
            return LiveNo("busy", words.RESTS[rest.why])
        with self._changed:
            running = [order.wish.cam for order in self._orders.values()]
        if wish.cam in running:
            return LiveNo("busy", words.SEEN_ALREADY)
        if len(running) >= AT_ONCE:
            return LiveNo("busy", words.FULL)
        stream = self._doors.stream(wish.cam)
        if stream is None:
            return LiveNo("busy", words.NO_PICTURE)
        own_kbps = stream.kbps if self._server.takes(stream.codec) else None
        rung = first(Room(self._doors.line_kbps(), wish.max_kbps), own_kbps)
        if rung is None:
            return LiveNo("busy", words.NO_ROOM)
        lasts_s = self._section.max if wish.max_s is None else min(self._section.max, wish.max_s)
        return LiveGrant(rung.kbps, rung.encoded, lasts_s, self._section.keepalive)

    def begin(self, wish: LiveWish, grant: LiveGrant) -> None:
        """Push it as soon as a thread is free. Raises StorageError; then it is not begun."""
        order = Order(wish, grant, self._clock)
        with self._changed:
            self._keep({**self._running(), wish.job_id: wish.cam})
            self._orders[wish.job_id] = order
            self._free.append(order)
            self._changed.notify()

    def heard(self, job_id: str) -> bool:
        """Somebody still looks; False: no such picture is shown."""
        order = self._orders.get(job_id)
        if order is None:
            return False
        order.heard()
        return True

    def stop(self, job_id: str) -> bool:
        """Nobody looks any more; False: no such picture is shown."""
        order = self._orders.get(job_id)
        if order is None:
            return False
        order.end(words.STOPPED)
        return True

    # From the threads that push

    def take(self, timeout_s: float) -> Order | None:
        """The next order; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._stops, timeout_s)
            return self._free.pop(0) if self._free else None

    def rest(self) -> Text | None:
        """Why no picture may leave any more."""
        rest = self._doors.rest()
        return None if rest is None else words.RESTS[rest.why]

    def over(self, order: Order) -> None:
        """It has ended, and that was told."""
        with self._changed:
            self._orders.pop(order.wish.job_id, None)
            try:
                self._keep(self._running())
            except StorageError as error:
                log.warning("the running live pictures could not be written down: %s", error)

    # From any thread

    def end_all(self, why: Text) -> None:
        """Whatever is shown ends."""
        with self._changed:
            for order in self._orders.values():
                order.end(why)

    def watched(self) -> tuple[str, ...]:
        """The cameras that the ward looks at now."""
        with self._changed:
            return tuple(sorted(order.wish.cam for order in self._orders.values()))

    def wake(self) -> None:
        """Whoever waits for an order comes back at once, and what runs ends: the node stops."""
        with self._changed:
            self._stops = True
            for order in self._orders.values():
                order.end(words.NODE_STOPS)
            self._changed.notify_all()

    def forget_interrupted(self) -> None:
        """What had been interrupted was told."""
        with self._changed:
            self.interrupted = {}
            self._keep(self._running())

    def _running(self) -> dict[str, str]:
        return {job: order.wish.cam for job, order in self._orders.items()}

    def _keep(self, jobs: Mapping[str, str]) -> None:
        told = {**self.interrupted, **jobs}
        try:
            if told:
                write_durably(self._file, json.dumps(told).encode())
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._file) from error


def _load(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {job: cam for job, cam in found.items() if isinstance(job, str) and isinstance(cam, str)}
