"""A time that has surely passed, for a node whose clock is not set: the last right time that was written down, and what
has gone by since this process began. It never makes a command valid; it only tells that one is over.
"""

import contextlib
import logging
from pathlib import Path

from agent.clock import FLOOR_WALL_NS, NS, Clock
from agent.durable import write_durably

log = logging.getLogger(__name__)
EVERY_S = 3600.0
CEILING_WALL_NS = FLOOR_WALL_NS + 50 * 365 * 86_400 * NS  # what claims to be later is damaged


class TimeFloor:
    """Kept in `path`. One thread calls `keep`, another may ask.

    It follows the trusted clock both ways: a wrong jump ahead is forgotten as soon as the clock is right again, instead
    of refusing every command from then on.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read_ns = _read(path)
        self._read_s = clock.mono_s()
        self._kept_s: float | None = None

    def ns(self) -> int:
        """Unix nanoseconds: it is later than this."""
        return self._read_ns + round((self._clock.mono_s() - self._read_s) * NS)

    def keep(self, now_at_once: bool = False) -> None:
        """Write the time down when it is right, once an hour. A disk that fails costs an older floor, no more."""
        now = self._clock.now()
        if not now.trusted:
            return
        if self._kept_s is not None and now.mono_s - self._kept_s < EVERY_S and not now_at_once:
            return
        self._kept_s = now.mono_s
        self._read_ns, self._read_s = now.wall_ns, now.mono_s
        try:
            write_durably(self._path, f"{now.wall_ns // NS}\n".encode())
        except OSError as error:
            log.warning("the time could not be written down: %s", error)


def _read(path: Path) -> int:
    with contextlib.suppress(OSError, ValueError):
        told_ns = int(path.read_bytes()[:20]) * NS
        if FLOOR_WALL_NS < told_ns < CEILING_WALL_NS:
            return told_ns
    return FLOOR_WALL_NS
