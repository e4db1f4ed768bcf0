"""Counters of the line for health, written by the mqtt and upload threads."""

import threading
from dataclasses import replace

from agent.values import LinkState

SMOOTHING = 0.2  # share of the newest measurement


class LinkStats:
    """Thread-safe; one for the life of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = LinkState()
        self._connects = 0
        self._published = 0
        self.in_flight = 0  # bytes of messages that the broker has not acknowledged

    def state(self) -> LinkState:
        """A snapshot."""
        with self._lock:
            return self._state

    def connected(self, protocol: str) -> None:
        """The broker has let us in."""
        with self._lock:
            self._connects += 1
            self._state = replace(self._state, connected=True, protocol=protocol, reconnects=self._connects - 1)

    def lost(self) -> None:
        """No broker now."""
        with self._lock:
            self._state = replace(self._state, connected=False)
            self.in_flight = 0

    def round_trip(self, seconds: float) -> None:
        """From a message to its acknowledgement."""
        with self._lock:
            self._state = replace(self._state, rtt_ms=_smoothed(self._state.rtt_ms, seconds * 1000))

    def unheard(self) -> None:
        """The broker took a message that nobody had subscribed to."""
        with self._lock:
            self._state = replace(self._state, unheard=self._state.unheard + 1)

    def published(self, count: int) -> None:
        """`count` bytes of messages have been given to the line."""
        with self._lock:
            self._published += count

    def take_published(self) -> int:
        """Bytes of messages since the last call."""
        with self._lock:
            count, self._published = self._published, 0
            return count

    def uploaded(self, count: int, seconds: float) -> None:
        """`count` bytes reached the upload server in `seconds`."""
        with self._lock:
            kbps = _smoothed(self._state.uplink_kbps, count / max(seconds, 0.001) / 125)
            total = self._state.uploaded_bytes + count
            self._state = replace(self._state, uplink_kbps=kbps, uploaded_bytes=total)


def _smoothed(before: float | None, now: float) -> float:
    return round(now if before is None else before + SMOOTHING * (now - before), 1)
