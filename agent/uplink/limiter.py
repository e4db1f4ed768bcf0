"""A token bucket: how long to wait before the next bytes may leave.

The common scheme (RFC 2697 meters the same way), without its excess bucket. Its rate may change at any time.
"""

from dataclasses import dataclass

from agent.clock import Clock

QUARTER_S = 0.25


@dataclass(frozen=True, slots=True)
class Burst:
    """What may be saved up while nothing is sent: so many seconds of the rate, and never less than so many bytes."""

    seconds: float = QUARTER_S
    bytes: int = 0


class TokenBucket:
    """At most `kbps` kilobit (1000 bit) per second on average; 0 means no limit."""

    def __init__(self, kbps: float, clock: Clock, burst: Burst | None = None) -> None:
        self._bytes_per_s = kbps * 125.0
        self._burst = burst or Burst()
        self._clock = clock
        self._level = self._deepest()
        self._at_s = clock.mono_s()

    @property
    def piece_bytes(self) -> int:
        """How much to send at once, so that the pace stays even: a quarter second's worth, 512 to 16384."""
        return int(min(max(self._bytes_per_s * QUARTER_S, 512), 16_384)) if self._bytes_per_s else 16_384

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
        self._level = min(grown, self._deepest())
        self._at_s = now_s

    def _deepest(self) -> float:
        return max(self._bytes_per_s * self._burst.seconds, self._burst.bytes)
