"""When a picture was taken, on CLOCK_MONOTONIC; and which pictures are looked at. Standard library only.

Sensors stamp with the boot clock (some builds of libcamera with the monotonic one); the two differ by the time that the
machine was suspended.
"""

import time
from collections.abc import Callable

NS = 10**9
NOISE_NS = 1_000_000  # reading two clocks one after the other; a suspend is longer


class SensorClock:
    """`mono_ns` and `boot_ns` are handed in by tests."""

    def __init__(
        self,
        mono_ns: Callable[[], int] = time.monotonic_ns,
        boot_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
    ) -> None:
        self._mono_ns = mono_ns
        self._boot_ns = boot_ns
        self._suspended_ns = 0

    def monotonic(self, stamp_ns: int) -> int:
        """The sensor's `stamp_ns` on the monotonic clock; whole microseconds, as packets have them."""
        before_ns = self._mono_ns()
        boot_ns = self._boot_ns()
        now_ns = self._mono_ns()
        suspended_ns = boot_ns - (before_ns + now_ns) // 2
        if abs(suspended_ns - self._suspended_ns) > NOISE_NS:
            self._suspended_ns = suspended_ns
        # A stamp that is not in the monotonic clock's future was made with it: on the boot clock it would be.
        on_boot_clock = stamp_ns > now_ns
        return (stamp_ns - (self._suspended_ns if on_boot_clock else 0)) // 1000 * 1000


class Grid:
    """The first picture of each cell of a grid of `fps`; when idle at most one in `every_s`."""

    def __init__(self, fps: float, every_s: float) -> None:
        self._fps = fps
        self._every_ns = round(0.9 * every_s * NS)  # a picture that comes a little early is not left out
        self._origin_ns: int | None = None
        self._last_cell = -1
        self._last_ns = 0

    def takes(self, at_ns: int, idle: bool) -> bool:
        """Called with each picture's stamp in turn."""
        if self._origin_ns is None:
            self._origin_ns = at_ns
        cell = int((at_ns - self._origin_ns) * self._fps / NS + 1e-6)
        if cell <= self._last_cell or (idle and self._last_cell >= 0 and at_ns - self._last_ns < self._every_ns):
            return False
        self._last_cell, self._last_ns = cell, at_ns
        return True
