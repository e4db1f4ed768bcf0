"""Many stretches of time at once: which of them does a segment touch, or does one cover it? Pure.

A stretch is known by monotonic time within boots, and by wall time for segments of every other boot.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.clock import NS
from agent.values import ClipWanted, Segment


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one camera's time: by the monotonic clock of `boot_id`, or by the wall clock where that is None."""

    cam: str
    boot_id: str | None
    from_ns: int
    to_ns: int
    but: frozenset[str] = frozenset()  # by the wall clock: not of these boots, whose part is known exactly


def stretches_of(wanted: ClipWanted) -> tuple[Stretch, Stretch]:
    """By its boot's monotonic clock, and by the wall clock for all other boots."""
    start, end, boot = wanted.start, wanted.end, wanted.start.boot_id
    return (
        Stretch(wanted.cam, boot, start.mono_ns, end.mono_ns),
        Stretch(wanted.cam, None, start.wall_ns, end.wall_ns, frozenset((boot,))),
    )


Test = Callable[[list[tuple[int, int]], int, int], bool]  # sorted parts, from, to


class Ranges:
    """Merged and sorted once, asked often: O(log n) for each question."""

    def __init__(self, stretches: Iterable[Stretch] = ()) -> None:
        by_key: dict[tuple[str, str | None, frozenset[str]], list[tuple[int, int]]] = {}
        for one in stretches:
            if one.to_ns > one.from_ns:
                by_key.setdefault((one.cam, one.boot_id, one.but), []).append((one.from_ns, one.to_ns))
        self._mono = {(cam, boot): _merged(parts) for (cam, boot, _), parts in by_key.items() if boot is not None}
        self._wall: dict[str, list[tuple[frozenset[str], list[tuple[int, int]]]]] = {}
        for (cam, boot, but), parts in by_key.items():
            if boot is None:
                self._wall.setdefault(cam, []).append((but, _merged(parts)))

    def __bool__(self) -> bool:
        return bool(self._mono or self._wall)

    def touch(self, segment: Segment) -> bool:
        """Is any of it within a stretch?"""
        return self._any(segment, _touches)

    def touch_part(self, cam: str, boot_id: str, at: tuple[int, int], length_ns: int) -> bool:
        """The same of what begins at `at` (monotonic, wall) and lasts so long."""
        return self._test(cam, boot_id, at, length_ns, _touches)

    def cameras(self) -> set[str]:
        """Those that any stretch is of."""
        return {cam for cam, _ in self._mono} | set(self._wall)

    def cover(self, segment: Segment) -> bool:
        """Is all of it within one stretch?"""
        return self._any(segment, _covers)

    def _any(self, segment: Segment, test: Test) -> bool:
        start, length_ns = segment.start, round(segment.duration_s * NS)
        return self._test(segment.cam, start.boot_id, (start.mono_ns, start.wall_ns), length_ns, test)

    def _test(self, cam: str, boot_id: str, at: tuple[int, int], length_ns: int, test: Test) -> bool:
        mono_ns, wall_ns = at
        parts = self._mono.get((cam, boot_id))
        if parts and test(parts, mono_ns, mono_ns + length_ns):
            return True
        return any(
            boot_id not in but and test(walls, wall_ns, wall_ns + length_ns) for but, walls in self._wall.get(cam, ())
        )


def _merged(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for from_ns, to_ns in sorted(parts):
        if merged and from_ns <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_ns))
        else:
            merged.append((from_ns, to_ns))
    return merged


def _touches(parts: list[tuple[int, int]], from_ns: int, to_ns: int) -> bool:
    last = bisect_left(parts, (to_ns, to_ns)) - 1  # the last one that begins before the end
    return last >= 0 and parts[last][1] > from_ns


def _covers(parts: list[tuple[int, int]], from_ns: int, to_ns: int) -> bool:
    last = bisect_right(parts, (from_ns, from_ns)) - 1
    last += last + 1 < len(parts) and parts[last + 1][0] == from_ns
    return last >= 0 and parts[last][1] >= to_ns
