"""A token bucket: how long to wait before the next bytes may leave.

The common scheme (RFC 2697 meters the same way), without its excess bucket. Its rate may change at any time.
"""

from agent.clock import Clock

BURST_S = 0.25


class TokenBucket:
    """At most `kbps` kilobit (1000 bit) per second on average; 0 means no limit. Saves up at most `burst_s`."""

    def __init__(self, kbps: float, clock: Clock, burst_s: float = BURST_S) -> None:
        self._bytes_per_s = kbps * 125.0
        self._burst_s = burst_s
        self._clock = clock
        self._level = self._bytes_per_s * burst_s
        self._at_s = clock.mono_s()

    @property
    def piece_bytes(self) -> int:
        """How much to send at once, so that the pace stays even: a quarter second's worth, 512 to 16384."""
        return int(min(max(self._bytes_per_s * BURST_S, 512), 16_384)) if self._bytes_per_s else 16_384

    def change(self, bytes_per_s: float) -> None:
        """From now on at this rate; what was taken too much before is paid back at it."""
        self._refill()
        self._bytes_per_s = bytes_per_s

    def take(self, count: int) -> float:
        """Count `count` bytes as sent; gives the seconds to wait before sending them."""
        if not self._bytes_per_s:
            return 0.0
        self._refill()
        self._level -= count
        return max(0.0, -self._level / self._bytes_per_s)

    def _refill(self) -> None:
        now_s = self._clock.mono_s()
        grown = self._level + (now_s - self._at_s) * self._bytes_per_s
        self._level = min(grown, self._bytes_per_s * self._burst_s)
        self._at_s = now_s
