"""When a clip is cut: just before it can leave. Until then `wanted` and the ring, which keeps what is wanted, are its
store, so that an hour or three days without a line do not write all clips to the card a second time.

It is cut all the same while the ring might still lose it: when the ring is full of footage that is wanted, when others
fill the disk, and when the footage is so old that the next cause to lose it is its age. Clips have a budget of their
own (`spool.clips_budget`). What the ring loses before is counted there, as footage that a clip waited for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import Clock, Moment
from agent.config.model import Config
from agent.values import ClipWanted

AHEAD = 2  # clips that wait cut: one on its way, one so that the next need not wait for it
STORE_S = 72 * 3600.0  # the ring is the store for so long
AGE_SHARE = 0.8  # of the longest that footage may be kept
OVER_BUDGET = 1.02  # the ring is brought to its budget every ten seconds, as long as anything unwanted is in it
SHORT_OF_FREE = 0.75  # of `footage.keep_free`; the ring gives up what is wanted at a half
LOOK_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class CuttingDoors:
    """What the decision rests on."""

    ahead: Callable[[int], int]  # finished clips that leave before, or with, one of this priority
    used: Callable[[], int]  # bytes of the ring
    free: Callable[[], int]  # bytes of its disk


class Cutting:
    """Asked by the one thread that cuts. Raises StorageError as its doors do."""

    def __init__(self, config: Config, doors: CuttingDoors, clock: Clock) -> None:
        self._config = config
        self._doors = doors
        self._clock = clock
        self._oldest_s = min(STORE_S, AGE_SHARE * config.retention.max_days * 86_400)
        self._looked_s: float | None = None
        self._pressed = False

    def may_wait(self, wanted: ClipWanted) -> bool:
        """Is it early enough to cut this one later?"""
        if self._config.upload is None:
            return False  # clips stay here: they are cut as they come
        if self._doors.ahead(wanted.priority) < AHEAD:
            return False
        return not self._ring_presses() and not self._is_old(wanted.start)

    def _is_old(self, start: Moment) -> bool:
        now = self._clock.now()
        if now.boot_id == start.boot_id:
            return now.mono_s - start.mono_s > self._oldest_s
        # Of another boot only the wall clock can tell.
        return now.trusted and start.trusted and (now.wall_ns - start.wall_ns) / 1e9 > self._oldest_s

    def _ring_presses(self) -> bool:
        now_s = self._clock.mono_s()
        if self._looked_s is None or now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            ring = self._config.footage
            full = self._doors.used() > OVER_BUDGET * ring.budget
            self._pressed = full or self._doors.free() < SHORT_OF_FREE * ring.keep_free
        return self._pressed
