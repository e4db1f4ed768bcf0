"""Which rows of the index a question means, boot by boot, said once for SQL and once for rows in memory. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.clock import NS, Moment
from agent.footage.dates import Dates
from agent.footage.stored import Stored

AT_ONCE = 100  # windows in one statement; SQLite bears a depth of 1000


@dataclass(frozen=True, slots=True)
class WithinBoot:
    """What there is of one camera within one boot; its bounds may be wider than what is left."""

    cam: str
    boot_id: str
    count: int
    bytes: int
    begin_ns: int  # monotonic
    end_ns: int
    first_id: int

    @staticmethod
    def before(stored: Stored) -> "WithinBoot":
        """As it is before its first segment."""
        segment = stored.segment
        start_ns = segment.start.mono_ns
        return WithinBoot(segment.cam, segment.start.boot_id, 0, 0, start_ns, start_ns, segment.id)

    def changed(self, stored: Stored, sign: int) -> "WithinBoot":
        """With one segment more (1) or less (-1)."""
        segment = stored.segment
        start_ns = segment.start.mono_ns
        end_ns = start_ns + length_ns(stored)
        changed = replace(self, count=self.count + sign, bytes=self.bytes + sign * segment.bytes)
        if sign < 0:
            return changed
        return replace(
            changed,
            begin_ns=min(self.begin_ns, start_ns),
            end_ns=max(self.end_ns, end_ns),
            first_id=min(self.first_id, segment.id),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of one boot that overlap `from_ns` to `to_ns`; with `whole`, that ended before `to_ns`."""

    boot_id: str
    column: Literal["mono_ns", "wall_ns"]
    from_ns: int
    to_ns: int
    whole: bool = False
    trusted: bool = False  # only rows whose own clock was trusted

    def holds(self, stored: Stored) -> bool:
        """Is it this one?"""
        start = stored.segment.start
        begin_ns = start.mono_ns if self.column == "mono_ns" else start.wall_ns
        end_ns = begin_ns + length_ns(stored)
        inside = end_ns < self.to_ns if self.whole else begin_ns < self.to_ns and end_ns > self.from_ns
        return start.boot_id == self.boot_id and inside and (start.trusted or not self.trusted)

    def sql(self) -> tuple[str, tuple[object, ...]]:
        """The same as a condition."""
        end = f"{self.column} + duration_ns"
        trusted = " AND trusted" if self.trusted else ""
        if self.whole:
            return f"(boot_id = ? AND {end} < ?{trusted})", (self.boot_id, _bounded(self.to_ns))
        bounds = (_bounded(self.to_ns), _bounded(self.from_ns))
        return f"(boot_id = ? AND {self.column} < ? AND {end} > ?{trusted})", (self.boot_id, *bounds)


def _bounded(ns: int) -> int:
    # Somebody may ask for the year 1; SQLite counts nanoseconds from 1677 to 2262.
    return min(max(ns, -(2**63)), 2**63 - 1)


def length_ns(stored: Stored) -> int:
    """As it stands in the index."""
    return round(stored.segment.duration_s * NS)


def windows_of(
    boots: Sequence[WithinBoot], dates: Dates, start: Moment, end: Moment, known: bool = False
) -> list[Window]:
    """`start`'s boot by monotonic time; others by the wall clock where it is known, or where nothing else is there.

    `known`: there is footage of `start`'s boot elsewhere.
    """
    known = known or any(one.boot_id == start.boot_id for one in boots)
    found: list[Window] = []
    for one in boots:
        offset_ns = dates.offset(one.boot_id)
        if one.boot_id == start.boot_id:
            window = Window(one.boot_id, "mono_ns", start.mono_ns, end.mono_ns)
        elif known and not start.trusted:
            continue
        elif offset_ns is None:
            found.append(Window(one.boot_id, "wall_ns", start.wall_ns, end.wall_ns, trusted=known))
            continue
        else:
            window = Window(one.boot_id, "mono_ns", start.wall_ns - offset_ns, end.wall_ns - offset_ns)
        if window.from_ns < one.end_ns and window.to_ns > one.begin_ns:
            found.append(window)
    return found


def sql_of(windows: Sequence[Window]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """One condition for some windows at a time, with its values."""
    for begin in range(0, len(windows), AT_ONCE):
        parts = [window.sql() for window in windows[begin : begin + AT_ONCE]]
        yield " OR ".join(sql for sql, _ in parts), tuple(value for _, values in parts for value in values)


def holds_row(windows: Sequence[Window], stored: Stored) -> bool:
    """Does any of them mean it?"""
    return any(window.holds(stored) for window in windows)
