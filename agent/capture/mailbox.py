"""Between capture and vision: the newest frame wins, so that nothing upstream ever waits.

Frames of a waking camera, which come all at once, are kept in a row instead: what led up to the waking is worth it.
"""

import threading
from collections import deque
from collections.abc import Callable

from agent.values import Frame

MOST = 48  # of a row: more than `idle.max_gop` has at the usual analysis rate


def _uncounted() -> None:
    """Nobody else counts."""


class LatestFrame:
    """`put` never blocks; `get` waits. `on_drop` hears of each frame that was replaced before anybody took it."""

    def __init__(self, on_drop: Callable[[], None] = _uncounted) -> None:
        self._changed = threading.Condition()
        self._frames: deque[Frame] = deque()
        self._on_drop = on_drop
        self._dropped = 0
        self._woken = False

    def put(self, frame: Frame) -> None:
        """Lay down the newest frame."""
        with self._changed:
            full = len(self._frames) >= MOST
            replaced = full or bool(self._frames and not self._frames[-1].rewound)
            if full:
                self._frames.popleft()
            elif replaced:
                self._frames.pop()
            self._dropped += replaced
            self._frames.append(frame)
            self._changed.notify()
        if replaced:
            self._on_drop()

    def get(self, timeout_s: float) -> Frame | None:
        """Take the oldest frame out; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._woken, timeout_s)
            self._woken = False
            return self._frames.popleft() if self._frames else None

    def wake(self) -> None:
        """Whoever waits comes back at once."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    @property
    def dropped(self) -> int:
        """Frames that nobody took."""
        with self._changed:
            return self._dropped
