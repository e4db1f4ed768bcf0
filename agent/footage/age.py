"""Which footage is older than it may be. A clock that may be wrong deletes nothing; the monotonic clock always may.

A row is at least as old as the time that machines ran since: the rest of its boot, the boots after it, and this one.
"""

from collections.abc import Sequence

from agent.clock import NS, Moment
from agent.footage.dates import Dates
from agent.footage.windows import WithinBoot

STEADY_S = 3600.0  # the wall clock is not asked before it has run for so long without a jump
JUMP_NS = 60 * NS
EVERYTHING = 2**62


class AgeLimit:
    """`max_age_s`, boot by boot."""

    def __init__(self, max_age_s: float, dates: Dates) -> None:
        self._max_age_ns = round(max_age_s * NS)
        self._dates = dates
        self._offset_ns: int | None = None
        self._steady_since_ns = 0

    def watch(self, now: Moment) -> bool:
        """Look at the clock; has it been trusted and without a jump for long enough?"""
        offset_ns = now.wall_ns - now.mono_ns
        if self._offset_ns is None or abs(offset_ns - self._offset_ns) > JUMP_NS or not now.trusted:
            self._steady_since_ns = now.mono_ns
        self._offset_ns = offset_ns
        return now.mono_ns - self._steady_since_ns >= STEADY_S * NS

    def cutoffs(self, boots: Sequence[WithinBoot], now: Moment, believed: bool) -> dict[str, int]:
        """For each boot (in the order of recording, one camera's) the monotonic time before which it is too old."""
        by_wall = self.watch(now) and believed
        cutoffs: dict[str, int] = {}
        since_ns = now.mono_ns  # how long machines ran after the boot that is looked at
        later_too_old = False
        for one in reversed(boots):
            offset_ns = self._dates.offset(one.boot_id)
            if one.boot_id == now.boot_id:
                cutoff_ns = now.mono_ns - self._max_age_ns
            else:
                cutoff_ns = one.end_ns + since_ns - self._max_age_ns
                if by_wall and offset_ns is not None:
                    cutoff_ns = max(cutoff_ns, now.wall_ns - offset_ns - self._max_age_ns)
                since_ns += one.end_ns if offset_ns is not None else 0
            cutoffs[one.boot_id] = EVERYTHING if later_too_old else cutoff_ns
            # What was recorded before something that is too old is older still, whatever it was dated.
            later_too_old = later_too_old or cutoff_ns > one.begin_ns
        return cutoffs
