"""What the camera's threads leave for the main thread, which alone talks to the agent. Bounded; never blocks a camera.

In: coded pictures, the newest picture to look at, a failure. Out: the same. Standard library only.
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from agent.capture.picamera.trouble import Trouble

MOST_BYTES = 16_000_000
MOST_PACKETS = 300


@dataclass(frozen=True)
class Coded:
    """One picture of the encoder in Annex B form. `fresh`: the first one, or pictures before it were lost."""

    at_ns: int  # the sensor's clock
    key: bool
    fresh: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Seen:
    """One picture to be looked at, still the camera's own: `request.release()` gives it back."""

    request: Any
    at_ns: int  # the sensor's clock
    number: int


class Outbox:
    """`lost` counts coded pictures that were thrown away, `missed` pictures to be looked at."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_packets: int = MOST_PACKETS) -> None:
        self.lost = 0
        self.missed = 0
        self._most_bytes = most_bytes
        self._most_packets = most_packets
        self._change = threading.Condition()
        self._packets: deque[Coded] = deque()
        self._bytes = 0
        self._broken = True  # the next picture to be kept must be a key frame
        self._seen: Seen | None = None
        self._trouble: Trouble | None = None

    def coded(self, data: bytes, key: bool, at_ns: int) -> None:
        """From the encoder. When too much waits, all of it is thrown away up to the next key frame."""
        with self._change:
            if len(self._packets) >= self._most_packets or self._bytes + len(data) > self._most_bytes:
                self.lost += len(self._packets)
                self._packets.clear()
                self._bytes, self._broken = 0, True
            if self._broken and not key:
                self.lost += 1
                return
            self._packets.append(Coded(at_ns, key, self._broken, data))
            self._bytes += len(data)
            self._broken = False
            self._change.notify()

    def seen(self, seen: Seen) -> None:
        """From the camera; the one before, if it was not taken, goes back to the camera."""
        with self._change:
            before, self._seen = self._seen, seen
            self._change.notify()
        if before is not None:
            self.missed += 1
            before.request.release()

    def fail(self, trouble: Trouble) -> None:
        """The camera cannot go on. The first trouble is the one that counts."""
        with self._change:
            self._trouble = self._trouble or trouble
            self._change.notify()

    def take(self, wait_s: float) -> tuple[tuple[Coded, ...], Seen | None]:
        """What came; nothing after `wait_s`. Raises Trouble."""
        with self._change:
            if not (self._packets or self._seen or self._trouble):
                self._change.wait(wait_s)
            if self._trouble is not None:
                raise self._trouble
            packets, seen = tuple(self._packets), self._seen
            self._packets.clear()
            self._bytes, self._seen = 0, None
            return packets, seen
