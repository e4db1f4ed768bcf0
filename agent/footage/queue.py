"""The queue between capture and the disk: bounded in bytes, never blocks capture; what does not fit is counted."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from agent.values import Packet

LIMIT_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Queued:
    """A packet, and how many of its camera were dropped just before it."""

    packet: Packet
    lost: int = 0


class PacketQueue:
    """One for all cameras. After an overflow a camera's packets are dropped up to its next key frame."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._changed = threading.Condition()
        self._items: deque[Queued] = deque()
        self._bytes = 0
        self._lost: dict[str, int] = {}
        self._woken = False

    def put(self, packets: Sequence[Packet]) -> None:
        """Append what came together, or count as lost; never waits."""
        if not packets:
            return
        with self._changed:
            for packet in packets:
                self._put(packet)
            self._changed.notify()

    def get(self, timeout_s: float) -> Queued | None:
        """The oldest; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._woken, timeout_s)
            self._woken = False
            if not self._items:
                return None
            item = self._items.popleft()
            self._bytes -= len(item.packet.data)
            return item

    def wake(self) -> None:
        """Whoever waits comes back at once."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def _put(self, packet: Packet) -> None:
        lost = self._lost.get(packet.cam, 0)
        fits = self._bytes + len(packet.data) <= self._limit
        if not fits or (lost and not packet.key):
            self._lost[packet.cam] = lost + 1
            return
        self._lost.pop(packet.cam, None)
        self._items.append(Queued(packet, lost))
        self._bytes += len(packet.data)

    @property
    def bytes(self) -> int:
        """Waiting now."""
        with self._changed:
            return self._bytes
