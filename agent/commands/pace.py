"""At most so many in a stretch of time."""

from collections import deque

from agent.clock import Clock


class Pace:
    """`allow` is False when `count` were allowed within the last `seconds`."""

    def __init__(self, count: int, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque(maxlen=count)

    def allow(self) -> bool:
        """Counts only what it allows."""
        now_s = self._clock.mono_s()
        if len(self._times) == self._times.maxlen and now_s - self._times[0] < self._seconds:
            return False
        self._times.append(now_s)
        return True
