"""How closely a camera is looked at: vision tells what it saw in each frame, capture decodes as much as that needs."""

import threading

from agent.config.devices import IdleSection
from agent.values import Motion

STIRRED_S = 1.0  # what stirred is looked at in full for so long; if it was something, motion confirms it by then


class Attention:
    """One camera. Begins in full; `saw` in vision's thread, `idle` anywhere."""

    def __init__(self, section: IdleSection) -> None:
        self.section = section
        self._lock = threading.Lock()
        self._idle = False
        self._until_s: float | None = None  # of the frames' time

    @property
    def idle(self) -> bool:
        """Nothing moves: key frames are enough."""
        return self._idle

    def saw(self, at_s: float, motion: Motion) -> None:
        """What vision made of the frame of `at_s` (monotonic seconds)."""
        with self._lock:
            if motion.boxes or not motion.ready or self._until_s is None:
                self._stay(at_s + self.section.after)
            elif motion.stirred:
                self._stay(at_s + STIRRED_S)
            self._idle = self.section.enabled and at_s >= (self._until_s or 0.0)

    def wake(self) -> None:
        """Look in full until vision has seen nothing for a while."""
        with self._lock:
            self._idle, self._until_s = False, None

    def _stay(self, until_s: float) -> None:
        self._until_s = max(self._until_s or until_s, until_s)
