"""Growing, jittered, capped delays, so that 30,000 nodes do not come back in the same second.

Full jitter as described by Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
"""

import random


class Backoff:
    """`delay_s()` after each failure; `healthy(mono_s)` while it works; a long healthy stretch starts over."""

    def __init__(
        self, first_s: float = 1.0, cap_s: float = 120.0, healthy_s: float = 60.0, rng: random.Random | None = None
    ) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._healthy_s = healthy_s
        self._rng = rng or random.Random()
        self._failures = 0
        self._healthy_since_s: float | None = None

    def healthy(self, mono_s: float) -> None:
        """It works now; after `healthy_s` of this the next failure starts from the first delay."""
        if self._healthy_since_s is None:
            self._healthy_since_s = mono_s
        elif mono_s - self._healthy_since_s >= self._healthy_s:
            self._failures = 0

    def delay_s(self) -> float:
        """How long to wait after this failure: uniform in [half, whole] of the grown delay."""
        self._healthy_since_s = None
        grown = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return grown * self._rng.uniform(0.5, 1.0)
