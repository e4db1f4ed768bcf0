"""At most so many in a stretch of time; at most so much in a second."""

from collections import deque

from agent.clock import Clock


class Pace:
    """`allow` is False when `count` were allowed within the last `seconds`."""

    def __init__(self, count: int, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque(maxlen=count)

    def free(self) -> bool:
        """Would it be allowed now?"""
        full = len(self._times) == self._times.maxlen
        return not full or self._clock.mono_s() - self._times[0] >= self._seconds

    def allow(self) -> bool:
        """Counts only what it allows."""
        if not self.free():
            return False
        self._times.append(self._clock.mono_s())
        return True


class Allowance:
    """`a_second` of something, and up to `at_once` after a rest."""

    def __init__(self, a_second: float, at_once: float, clock: Clock) -> None:
        self._a_second = a_second
        self._at_once = at_once
        self._clock = clock
        self._left = at_once
        self._at_s = clock.mono_s()

    def take(self, amount: float) -> bool:
        """False, and nothing is taken, when there is not so much left."""
        now_s = self._clock.mono_s()
        self._left = min(self._at_once, self._left + max(now_s - self._at_s, 0.0) * self._a_second)
        self._at_s = now_s
        if self._left < amount:
            return False
        self._left -= amount
        return True
