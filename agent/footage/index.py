"""The index of segments: a cache of what the files say of themselves, one SQLite row each, entered a minute's at once.

What is not entered yet, or not taken out yet, is known in memory, and every answer counts it in. No file is touched
here but the database's own.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.clock import Moment
from agent.footage.dates import Dates
from agent.footage.listing import LISTING, Kept, kept_row, kept_segment
from agent.footage.opening import NAME, in_words, opened
from agent.footage.rows import INSERT, stored_of, values_of
from agent.footage.stored import Stored, newest_of
from agent.footage.windows import Window, WithinBoot, holds_row, sql_of, windows_of

Answer = TypeVar("Answer")
LISTED = 2048  # rows of a listing, which are read for a few fields only
SCAN = 512  # rows read at once while nobody else waits
TOO_MANY = 4096  # rows that could not be entered: the database is begun anew


@dataclass(frozen=True, slots=True)
class Totals:
    """One camera's rows taken together."""

    segments: int
    bytes: int
    oldest_ns: int | None


class Index:
    """Opening raises sqlite3.DatabaseError when the file is damaged; later errors are StorageError. Thread-safe.

    With `reading`, for a second process: nothing is ever written, not even by opening.
    """

    def __init__(self, directory: Path, dates: Dates, reading: bool = False) -> None:
        self._directory = directory
        self._dates = dates
        self._lock = threading.Lock()
        self.damaged = False  # found out while running
        self._new: dict[int, Stored] = {}  # not entered yet
        self._gone: set[int] = set()  # not taken out yet
        self._told: dict[str, str] = {}  # of evictions, not entered yet
        self._boots: dict[tuple[str, str], WithinBoot] = {}
        self._db = opened(directory / NAME, reading)
        try:
            self._next_id = self._count()
        except sqlite3.Error:
            self._db.close()
            raise

    def add(self, stored: Stored) -> Stored:
        """Know this segment from now on; returns it with its number. One that has a number keeps it. Never fails."""
        with self._lock:
            row = stored.segment.id
            if not row:
                row, self._next_id = self._next_id, self._next_id + 1
            self._next_id = max(self._next_id, row + 1)
            stored = stored.numbered(row)
            self._new[row] = stored
            self._gone.discard(row)
            self._booked(stored, 1)
            self.damaged = self.damaged or len(self._new) > TOO_MANY
        return self._dates.dated(stored)

    def reserve(self, count: int) -> int:
        """Numbers for `count` segments that will be added in another order; the first of them."""
        with self._lock:
            first, self._next_id = self._next_id, self._next_id + count
            return first

    def remove(self, rows: Iterable[Stored]) -> None:
        """Forget these, each once. Never fails."""
        with self._lock:
            for stored in rows:
                row = stored.segment.id
                self._new.pop(row, None)
                self._gone.add(row)
                self._booked(stored, -1)

    def enter(self) -> None:
        """Write what is only in memory, as one transaction. After an error all of it is still in memory."""
        with self._lock:
            if not (self._new or self._gone or self._told):
                return
            self._guarded(self._write)
            self._new.clear()
            self._gone.clear()
            self._told.clear()

    @property
    def waiting(self) -> int:
        """Rows that are only in memory."""
        with self._lock:
            return len(self._new) + len(self._gone)

    def tell(self, told: Mapping[str, str]) -> None:
        """Keep a text per camera, entered with the next rows."""
        with self._lock:
            self._told.update(told)

    def told(self) -> dict[str, str]:
        """The texts of all cameras."""
        with self._lock:
            rows = self._guarded(lambda: self._db.execute("SELECT cam, told FROM evicted").fetchall())
            return {str(row["cam"]): str(row["told"]) for row in rows} | self._told

    def all(self, cam: str | None = None) -> list[Stored]:
        """Every row in the order of recording."""
        return [stored for stored in self.scan() if cam in (None, stored.segment.cam)]

    def scan(self) -> Iterator[Stored]:
        """Every row by its number, some hundred at a time; the index may change meanwhile."""
        last = -1
        while True:
            sql = "SELECT * FROM segments WHERE id > ? ORDER BY id LIMIT ?"
            with self._lock:
                rows = self._run(sql, (last, SCAN))
                upto = rows[-1]["id"] if len(rows) == SCAN else None
                found = self._merged(rows, [row for row in self._new if row > last and (upto is None or row <= upto)])
            yield from found
            if upto is None:
                return
            last = upto

    def kept(self, cam: str) -> Iterator[Kept]:
        """Every segment of a camera, in the order of numbers, without an object for each; it may change meanwhile."""
        last = -1
        while True:
            sql = f"SELECT id, {LISTING} FROM segments WHERE cam = ? AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
            with self._lock:
                rows = self._run(sql, (cam, last, LISTED))
                upto = rows[-1]["id"] if len(rows) == LISTED else None
                gone = set(self._gone) | self._new.keys()
                new = [
                    self._dates.dated(one).segment
                    for row, one in self._new.items()
                    if one.segment.cam == cam and row > last and (upto is None or row <= upto)
                ]
            for row, *told in rows:
                if row not in gone:
                    yield kept_row(told, self._dates)
            yield from map(kept_segment, new)
            if upto is None:
                return
            last = upto

    def names(self) -> set[str]:
        """Of all files that it knows; quicker than all that it knows of them."""
        with self._lock:
            found = {row["name"] for row in self._run("SELECT id, name FROM segments") if row["id"] not in self._gone}
            return found | {one.path.name for one in self._new.values()}

    def overlapping(self, cam: str, start: Moment, end: Moment, known: bool = False) -> list[Stored]:
        """Rows of `start`'s boot by monotonic time; of other boots by wall time, where both clocks were trusted.

        When nothing of that boot is there (nor `known` elsewhere), every other boot counts by wall time. In the order
        of recording.
        """
        with self._lock:
            boots = [one for (of, _), one in self._boots.items() if of == cam]
            return self._within(cam, windows_of(boots, self._dates, start, end, known))

    def ended_before(self, cam: str, cutoffs: Mapping[str, int]) -> list[Stored]:
        """Rows of each boot that ended before its cut-off, in monotonic nanoseconds."""
        with self._lock:
            windows = [
                Window(boot, "mono_ns", one.begin_ns - 1, min(cutoff, one.end_ns + 1), whole=True)
                for (of, boot), one in self._boots.items()
                if of == cam and (cutoff := cutoffs.get(boot, 0)) > one.begin_ns
            ]
            return self._within(cam, windows)

    def newest(self, cam: str) -> Stored | None:
        """The last row of a camera."""
        return self._edge(cam, newest=True)

    def oldest(self, cam: str) -> Stored | None:
        """The first row of a camera."""
        return self._edge(cam, newest=False)

    def last_in_chain(self, cam: str, boot_id: str) -> Stored | None:
        """The sealed row of a boot that stands last in its camera's chain."""
        with self._lock:
            rows = self._run(
                "SELECT * FROM segments WHERE cam = ? AND boot_id = ? AND seq IS NOT NULL "
                "AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY epoch DESC, seq DESC LIMIT 1",
                (cam, boot_id, json.dumps(list(self._gone))),
            )
            new = [
                row for row, one in self._new.items() if (one.segment.cam, one.segment.start.boot_id) == (cam, boot_id)
            ]
            found = newest_of(one for one in self._merged(rows, new) if one.segment.seal)
        return found.get(cam)

    def newest_epoch(self) -> str:
        """Of all seals; empty when there is none."""
        with self._lock:
            ((epoch,),) = self._run("SELECT max(epoch) FROM segments")
            new = [one.segment.seal.epoch for one in self._new.values() if one.segment.seal]
        return max([epoch or "", *new])

    def boots(self, cam: str | None = None) -> list[WithinBoot]:
        """What there is of each boot (and camera), in the order of recording."""
        with self._lock:
            found = [one for (of, _), one in self._boots.items() if cam in (None, of)]
        return sorted(found, key=lambda one: one.first_id)

    def ends(self) -> dict[str, int]:
        """Where the footage of each boot ends, in monotonic nanoseconds."""
        ends: dict[str, int] = {}
        for one in self.boots():
            ends[one.boot_id] = max(one.end_ns, ends.get(one.boot_id, 0))
        return ends

    def totals(self, cam: str | None = None) -> Totals:
        """Sums over one camera or all."""
        boots = self.boots(cam)
        count = sum(one.count for one in boots)
        oldest = self._edge(cam, newest=False) if count else None
        size = sum(one.bytes for one in boots)
        return Totals(count, size, None if oldest is None else oldest.segment.start.wall_ns)

    @property
    def bytes(self) -> int:
        """Of all files that it knows."""
        with self._lock:
            return sum(one.bytes for one in self._boots.values())

    def close(self) -> None:
        """Enter what waits, if that is possible, and close the database. Raises StorageError when it was not."""
        try:
            self.enter()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the database as it is."""
        with self._lock:
            self._db.close()

    def _count(self) -> int:
        sums = self._db.execute(
            "SELECT cam, boot_id, count(*), sum(bytes), min(mono_ns), max(mono_ns + duration_ns), min(id), max(id) "
            "FROM segments GROUP BY cam, boot_id"
        ).fetchall()
        for cam, boot, count, size, begin_ns, end_ns, first, _ in sums:
            self._boots[cam, boot] = WithinBoot(cam, boot, count, size, begin_ns, end_ns, first)
        return max((row[7] for row in sums), default=0) + 1

    def _booked(self, stored: Stored, sign: int) -> None:
        key = (stored.segment.cam, stored.segment.start.boot_id)
        now = self._boots.get(key, WithinBoot.before(stored)).changed(stored, sign)
        if now.count > 0:
            self._boots[key] = now
        else:
            self._boots.pop(key, None)

    def _write(self) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute(
                "DELETE FROM segments WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(self._gone)),)
            )
            db.executemany(INSERT, [values_of(stored) for stored in self._new.values()])
            db.executemany("INSERT OR REPLACE INTO evicted VALUES (?, ?)", list(self._told.items()))
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _within(self, cam: str, windows: Sequence[Window]) -> list[Stored]:
        if not windows:
            return []
        found: list[sqlite3.Row] = []
        for condition, values in sql_of(windows):
            found += self._run(f"SELECT * FROM segments WHERE cam = ? AND ({condition})", (cam, *values))  # noqa: S608
        new = [row for row, one in self._new.items() if one.segment.cam == cam and holds_row(windows, one)]
        first = {one.boot_id: one.first_id for (of, _), one in self._boots.items() if of == cam}
        return sorted(
            self._merged(found, new),
            key=lambda one: (
                first.get(one.segment.start.boot_id, 0),
                one.segment.start.boot_id,
                one.segment.start.mono_ns,
                one.segment.id,
            ),
        )

    def _edge(self, cam: str | None, newest: bool) -> Stored | None:
        with self._lock:
            gone, order = json.dumps(list(self._gone)), "DESC" if newest else "ASC"
            rows = self._run(
                "SELECT * FROM segments WHERE (cam = ? OR ? IS NULL) "  # noqa: S608
                f"AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id {order} LIMIT 1",
                (cam, cam, gone),
            )
            new = [row for row, one in self._new.items() if cam in (None, one.segment.cam)]
            found = self._merged(rows, new)
        return found[-1 if newest else 0] if found else None

    def _merged(self, rows: Sequence[sqlite3.Row], new: Sequence[int]) -> list[Stored]:
        found = {row["id"]: stored_of(row, self._directory) for row in rows if row["id"] not in self._gone}
        found.update({row: self._new[row] for row in new})
        return [self._dates.dated(found[row]) for row in sorted(found)]

    def _run(self, sql: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        return self._guarded(lambda: self._db.execute(sql, values).fetchall())

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except sqlite3.Error as error:
            self.damaged = self.damaged or "malformed" in str(error) or "not a database" in str(error)
            raise in_words(error, self._directory) from error
