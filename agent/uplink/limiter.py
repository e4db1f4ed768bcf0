"""A token bucket: how long to wait before the next bytes may leave.

The common scheme (RFC 2697 meters the same way), without its excess bucket.
"""

from agent.clock import Clock

BURST_S = 0.25


class TokenBucket:
    """At most `kbps` kilobit (1000 bit) per second on average; 0 means no limit."""

    def __init__(self, kbps: int, clock: Clock) -> None:
        self._bytes_per_s = kbps * 125.0
        self._clock = clock
        self._level = self._bytes_per_s * BURST_S
        self._at_s = clock.mono_s()

    @property
    def piece_bytes(self) -> int:
        """How much to send at once, so that the pace stays even: a quarter second's worth, 512 to 16384."""
        return int(min(max(self._bytes_per_s * BURST_S, 512), 16_384)) if self._bytes_per_s else 16_384

    def take(self, count: int) -> float:
        """Count `count` bytes as sent; gives the seconds to wait before sending them."""
        if not self._bytes_per_s:
            return 0.0
        now_s = self._clock.mono_s()
        grown = self._level + (now_s - self._at_s) * self._bytes_per_s
        self._level = min(grown, self._bytes_per_s * BURST_S) - count
        self._at_s = now_s
        return max(0.0, -self._level / self._bytes_per_s)
