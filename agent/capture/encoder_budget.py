"""How much CPU encoding may take: time of the pictures and CPU time spent go in, yes or no for each picture comes out.

A token bucket (ITU-T I.371, the leaky bucket as a meter): each second of pictures brings `share` seconds of CPU.
"""

from agent.clock import NS

SAVED_S = 1.0  # seconds of pictures whose unused share may be spent later
OWED_S = 2.0  # at least one picture in so many seconds, whatever it costs


class EncodeBudget:
    """`share` of one core. Pictures are left out one by one as they come, so what is kept is spread evenly."""

    def __init__(self, share: float) -> None:
        self.skipped = 0
        self._share = share
        self._debt_ns = -share * SAVED_S * NS  # opening the encoder costs once
        self._last_ns: int | None = None

    def allows(self, at_ns: int) -> bool:
        """Whether the picture of `at_ns` (stream time) is encoded; a picture that is not is counted."""
        if self._last_ns is not None:
            passed_ns = max(0, at_ns - self._last_ns)
            self._debt_ns = max(self._debt_ns - self._share * passed_ns, -self._share * SAVED_S * NS)
        self._last_ns = at_ns
        if self._debt_ns > 0:
            self.skipped += 1
            return False
        return True

    def spend(self, cpu_ns: int) -> None:
        """What the last picture cost."""
        self._debt_ns = min(self._debt_ns + cpu_ns, self._share * OWED_S * NS)
