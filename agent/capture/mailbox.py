"""One slot between capture and vision: the newest frame wins, so that nothing upstream ever waits."""

import threading
from collections.abc import Callable

from agent.values import Frame


def _uncounted() -> None:
    """Nobody else counts."""


class LatestFrame:
    """`put` never blocks; `get` waits. `on_drop` hears of each frame that was replaced before anybody took it."""

    def __init__(self, on_drop: Callable[[], None] = _uncounted) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._on_drop = on_drop
        self._dropped = 0

    def put(self, frame: Frame) -> None:
        """Lay down the newest frame."""
        with self._changed:
            replaced = self._frame is not None
            self._dropped += replaced
            self._frame = frame
            self._changed.notify()
        if replaced:
            self._on_drop()

    def get(self, timeout_s: float) -> Frame | None:
        """Take the frame out; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    @property
    def dropped(self) -> int:
        """Frames that nobody took."""
        with self._changed:
            return self._dropped
