"""What was removed: counted by kind, and where it was, so that a gap can say that there had been footage.

Told as one line of JSON per camera, which the index keeps: {"counts": {KIND: SEGMENTS}, "ranges": [[BOOT, FROM, TO]]}.
"""

import json
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.clock import NS
from agent.footage.dates import Dates
from agent.footage.ranges import Stretch
from agent.footage.ring import Kind, Victim
from agent.footage.windows import length_ns
from agent.values import Evicted, Gap

log = logging.getLogger(__name__)
MAX_RANGES = 128  # of one camera; the ones noted first are forgotten
JOIN_NS = NS
EXPIRED = "expired"
NOT_KEPT = "not_kept"  # it was in memory only, and nothing wanted it
SURE = (EXPIRED, NOT_KEPT, "damaged", "altered", "format_changed")  # causes that say more than that it was removed


@dataclass(slots=True)
class Account:
    """One camera's."""

    counts: dict[str, int] = field(default_factory=dict)
    ranges: list[tuple[str, int, int]] = field(default_factory=list)  # boot, from, to in its monotonic nanoseconds

    def text(self) -> str:
        """To keep."""
        return json.dumps({"counts": self.counts, "ranges": self.ranges}, separators=(",", ":"))


class Evictions:
    """Thread-safe."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._accounts = {cam: _account(cam, text) for cam, text in told.items()}

    def note(self, victims: Iterable[Victim], sign: int = 1) -> dict[str, str]:
        """They are removed (-1: they are still there after all); the new accounts of their cameras, as texts."""
        with self._lock:
            changed: set[str] = set()
            for victim in victims:
                segment, kind = victim.stored.segment, victim.kind.value
                account = self._accounts.setdefault(segment.cam, Account())
                account.counts[kind] = account.counts.get(kind, 0) + sign
                changed.add(segment.cam)
                if sign > 0:
                    start_ns = segment.start.mono_ns
                    _join(account.ranges, (segment.start.boot_id, start_ns, start_ns + length_ns(victim.stored)))
            return {cam: self._accounts[cam].text() for cam in changed}

    def texts(self) -> dict[str, str]:
        """All accounts, for an index that is begun anew."""
        with self._lock:
            return {cam: account.text() for cam, account in self._accounts.items()}

    def counts(self, cam: str) -> Evicted:
        """Of one camera, in segments, since the index was begun."""
        with self._lock:
            counts = self._accounts.get(cam, Account()).counts
            return Evicted(*(counts.get(kind.value, 0) for kind in Kind))

    def stretches(self, cam: str) -> tuple[Stretch, ...]:
        """Where footage of one camera was."""
        with self._lock:
            return tuple(Stretch(cam, *one) for one in self._accounts.get(cam, Account()).ranges)


def expired_told(gaps: Sequence[Gap], gone: Iterable[Stretch], dates: Dates, name: str = EXPIRED) -> tuple[Gap, ...]:
    """The same gaps, those parts named `expired` (or `name`) where footage had been and was removed."""
    spans = sorted(
        (one.from_ns + offset_ns, one.to_ns + offset_ns)
        for one in gone
        if one.boot_id is not None and (offset_ns := dates.offset(one.boot_id)) is not None
    )
    return tuple(part for gap in gaps for part in (_parts(gap, spans, name) if gap.cause not in SURE else (gap,)))


def _parts(gap: Gap, spans: Sequence[tuple[int, int]], name: str) -> list[Gap]:
    parts: list[Gap] = []
    at_ns = gap.from_ns
    for from_ns, to_ns in spans:
        begin_ns, end_ns = max(from_ns, at_ns), min(to_ns, gap.to_ns)
        if end_ns <= begin_ns:
            continue
        if begin_ns - at_ns > JOIN_NS:
            # A cause says why the footage after the gap does not join; that is not what follows here.
            parts.append(Gap(at_ns, begin_ns, "no_footage"))
        else:
            begin_ns = at_ns
        if gap.to_ns - end_ns <= JOIN_NS:
            end_ns = gap.to_ns
        if parts and parts[-1].cause == name and parts[-1].to_ns == begin_ns:
            parts[-1] = Gap(parts[-1].from_ns, end_ns, name)
        else:
            parts.append(Gap(begin_ns, end_ns, name))
        at_ns = end_ns
    return [*parts, Gap(at_ns, gap.to_ns, gap.cause)] if gap.to_ns > at_ns else parts


def _join(ranges: list[tuple[str, int, int]], new: tuple[str, int, int]) -> None:
    boot, from_ns, to_ns = new
    near = [one for one in ranges if one[0] == boot and one[1] - JOIN_NS <= to_ns and from_ns <= one[2] + JOIN_NS]
    for one in near:
        ranges.remove(one)
        from_ns, to_ns = min(from_ns, one[1]), max(to_ns, one[2])
    ranges.append((boot, from_ns, to_ns))
    del ranges[:-MAX_RANGES]


def _account(cam: str, text: str) -> Account:
    try:
        told = json.loads(text)
        counts = {str(kind): int(count) for kind, count in told["counts"].items()}
        return Account(counts, [(str(boot), int(begin), int(end)) for boot, begin, end in told["ranges"]])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("what was removed of %s cannot be read and is counted anew: %s", cam, error)
        return Account()
