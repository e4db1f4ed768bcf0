"""When a boot was: wall minus monotonic time of each boot whose clock was right, and which wall clock is believed.

A row keeps its monotonic time for ever; what day that was is asked here, so re-dating a boot changes one number.
"""

import json
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agent.clock import NS, Moment
from agent.durable import write_durably
from agent.footage.stored import Stored

log = logging.getLogger(__name__)
BOOTS = "boots.json"
MAX_BOOTS = 512
DAY_NS = 86_400 * NS
BACK_NS = DAY_NS  # a boot begins at most this long before the end of the footage of the one before
AWAY_NS = 30 * DAY_NS  # a node that was without power for longer does not delete by what its clock says
LONGEST_AWAY_NS = 2 * 365 * DAY_NS  # and after this long it does not even date new footage by it


@dataclass(frozen=True, slots=True)
class Belief:
    """May footage be dated by the wall clock, may other boots' footage be deleted by it, is it contradicted?"""

    dates: bool
    deletes: bool
    suspect: bool = False


class Dates:
    """One file, `boots.json`: boot id to nanoseconds, in the order in which they were learnt. Thread-safe."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / BOOTS
        self._lock = threading.Lock()
        self._offsets: dict[str, int] = {}
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            self._offsets = {str(boot): int(offset) for boot, offset in told.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, AttributeError, TypeError, OverflowError, RecursionError) as error:
            log.warning("%s cannot be read, dates of older boots stay untrusted: %s", self._path, error)

    def offset(self, boot_id: str) -> int | None:
        """Wall minus monotonic nanoseconds; None where that boot's clock was never right."""
        return self._offsets.get(boot_id)

    def all(self) -> Mapping[str, int]:
        """Boot id to wall minus monotonic nanoseconds, in the order in which they were learnt."""
        return dict(self._offsets)

    def learn(self, boot_id: str, offset_ns: int, present: Collection[str]) -> None:
        """Remember one boot, durably; boots that are not `present` any more are forgotten. Raises OSError."""
        with self._lock:
            kept = {boot: told for boot, told in self._offsets.items() if boot in present and boot != boot_id}
            kept[boot_id] = offset_ns
            kept = dict(list(kept.items())[-MAX_BOOTS:])
            self._offsets = kept
            write_durably(self._path, json.dumps(kept).encode())

    def dated(self, stored: Stored) -> Stored:
        """With the right wall time, where that boot's is known."""
        start = stored.segment.start
        offset_ns = self._offsets.get(start.boot_id)
        if offset_ns is None or (start.trusted and start.wall_ns - start.mono_ns == offset_ns):
            return stored
        right = Moment(start.mono_ns, start.mono_ns + offset_ns, True, start.boot_id)
        return replace(stored, segment=replace(stored.segment, start=right))

    def belief(self, now: Moment, ends: Mapping[str, int]) -> Belief:
        """What the wall clock is good for; `ends`: where the footage of each boot ends on its monotonic clock.

        The witness is the boot before: this one cannot have begun before its footage ended, nor very long after.
        """
        if not now.trusted:
            return Belief(False, False)
        before = [boot for boot in list(self._offsets) if boot != now.boot_id and boot in ends]
        if not before:
            return Belief(True, False)
        witness_ns = self._offsets[before[-1]] + ends[before[-1]]
        away_ns = now.wall_ns - now.mono_ns - witness_ns
        deletes = -BACK_NS <= away_ns <= AWAY_NS
        return Belief(-BACK_NS <= away_ns <= LONGEST_AWAY_NS, deletes, not deletes)
