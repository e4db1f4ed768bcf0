"""The index of segments: one SQLite row per finished file. No file is touched here but the database's own."""

import errno
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from agent.clock import NS, Moment
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.stored import Stored
from agent.i18n import Text
from agent.values import Seal, Segment, StreamFormat

NAME = "index.sqlite"
VERSION = 2
TABLE = """
CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cam TEXT NOT NULL, name TEXT NOT NULL,
    boot_id TEXT NOT NULL, run INTEGER NOT NULL, mono_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL,
    trusted INTEGER NOT NULL, pts_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, bytes INTEGER NOT NULL,
    codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    base_num INTEGER NOT NULL, base_den INTEGER NOT NULL, extradata BLOB NOT NULL, gap_cause TEXT,
    epoch TEXT, seq INTEGER, sha256 TEXT, link TEXT,  -- the seal; NULL where there is none
    UNIQUE (cam, name)
) STRICT;
CREATE INDEX IF NOT EXISTS by_mono ON segments (cam, boot_id, mono_ns);
CREATE INDEX IF NOT EXISTS by_wall ON segments (cam, wall_ns);
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """One camera's rows taken together."""

    segments: int
    bytes: int
    oldest_ns: int | None


class Index:
    """Opening raises sqlite3.DatabaseError when the file is damaged; later errors are StorageError. Thread-safe."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self.damaged = False  # found out while running
        self._db = sqlite3.connect(directory / NAME, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA wal_autocheckpoint=16")  # pages: a nearly full disk has no room for a long log
            (healthy,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if healthy != "ok" or version not in (0, VERSION):
                raise sqlite3.DatabaseError(f"quick_check: {healthy}, version {version}")
            self._db.executescript(TABLE)
            self._db.execute(f"PRAGMA user_version={VERSION}")
        except sqlite3.Error:
            self._db.close()
            raise

    def add(self, stored: Stored) -> Stored:
        """Insert, or measure anew the row of the same file (it keeps its place); returns it with its number."""
        segment, form, seal = stored.segment, stored.segment.format, stored.segment.seal
        values = (
            segment.cam,
            segment.path.name,
            segment.start.boot_id,
            segment.run,
            segment.start.mono_ns,
            segment.start.wall_ns,
            int(segment.start.trusted),
            stored.pts_ns,
            round(segment.duration_s * NS),
            segment.bytes,
            form.codec,
            form.width,
            form.height,
            form.time_base.numerator,
            form.time_base.denominator,
            form.extradata,
            segment.gap_cause,
            *((seal.epoch, seal.seq, seal.sha256, seal.link) if seal else (None,) * 4),
        )
        rows = self._run(
            f"INSERT INTO segments VALUES (NULL, {','.join('?' * len(values))}) "  # noqa: S608
            "ON CONFLICT (cam, name) DO UPDATE SET duration_ns = excluded.duration_ns, bytes = excluded.bytes, "
            "extradata = excluded.extradata, epoch = excluded.epoch, seq = excluded.seq, sha256 = excluded.sha256, "
            "link = excluded.link RETURNING id",
            values,
        )
        return stored.numbered(int(rows[0][0]))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Many changes as one transaction; for recovery, when nobody else is there yet."""
        self._run("BEGIN")
        try:
            yield
        finally:
            self._run("COMMIT")

    def remove(self, rows: Iterable[int]) -> None:
        """Forget these rows, in one transaction."""
        self._run("DELETE FROM segments WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(rows)),))

    def all(self, cam: str | None = None) -> list[Stored]:
        """Every row in the order of recording."""
        if cam is None:
            return self._stored(self._run("SELECT * FROM segments ORDER BY id"))
        return self._stored(self._run("SELECT * FROM segments WHERE cam = ? ORDER BY id", (cam,)))

    def oldest(self, limit: int) -> list[Stored]:
        """The first `limit` rows in the order of recording, of all cameras."""
        return self._stored(self._run("SELECT * FROM segments ORDER BY id LIMIT ?", (limit,)))

    def overlapping(self, cam: str, start: Moment, end: Moment) -> list[Stored]:
        """Rows of `start`'s boot by monotonic time; of other boots by wall time, where both clocks were trusted.

        When nothing of that boot is there, every other boot counts by wall time.
        """
        known = self._run("SELECT 1 FROM segments WHERE cam = ? AND boot_id = ? LIMIT 1", (cam, start.boot_id))
        by_wall = 0 if known and not start.trusted else 1
        return self._stored(
            self._run(
                "SELECT * FROM segments WHERE cam = ? AND ("
                "(boot_id = ? AND mono_ns < ? AND mono_ns + duration_ns > ?) OR "
                "(boot_id <> ? AND wall_ns < ? AND wall_ns + duration_ns > ? AND ? AND (trusted OR ?))) ORDER BY id",
                (
                    *(cam, start.boot_id, end.mono_ns, start.mono_ns),
                    *(start.boot_id, end.wall_ns, start.wall_ns, by_wall, int(not known)),
                ),
            )
        )

    def newest(self, cam: str) -> Stored | None:
        """The last row of a camera."""
        rows = self._run("SELECT * FROM segments WHERE cam = ? ORDER BY id DESC LIMIT 1", (cam,))
        return self._stored(rows)[0] if rows else None

    def totals(self, cam: str | None = None) -> Totals:
        """Sums over one camera or all."""
        rows = self._run(
            "SELECT count(*), coalesce(sum(bytes), 0), min(wall_ns) FROM segments WHERE cam = ? OR ? IS NULL",
            (cam, cam),
        )
        count, size, oldest_ns = rows[0]
        return Totals(int(count), int(size), None if oldest_ns is None else int(oldest_ns))

    def redate(self, boot_id: str, offset_ns: int) -> int:
        """Rows of a boot whose clock was not trusted then: wall time is monotonic time + `offset_ns`."""
        rows = self._run(
            "UPDATE segments SET wall_ns = mono_ns + ?, trusted = 1 WHERE boot_id = ? AND NOT trusted RETURNING 1",
            (offset_ns, boot_id),
        )
        return len(rows)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def _run(self, sql: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self.damaged = self.damaged or "malformed" in str(error) or "not a database" in str(error)
            if "full" in str(error):
                raise disk_error(OSError(errno.ENOSPC, str(error)), self._directory) from error
            raise StorageError(
                Text(en=f"The footage index fails: {error}", vi=f"Chỉ mục hình đã ghi bị lỗi: {error}"),
                Text(
                    en="It is made again from the files; if it keeps happening, replace the memory card",
                    vi="Chỉ mục sẽ được dựng lại từ các tệp; nếu lặp lại nhiều lần, hãy thay thẻ nhớ",
                ),
                code="storage_error",
            ) from error

    def _stored(self, rows: list[sqlite3.Row]) -> list[Stored]:
        return [self._row(row) for row in rows]

    def _row(self, row: sqlite3.Row) -> Stored:
        base = Fraction(row["base_num"], row["base_den"])
        form = StreamFormat(row["codec"], row["width"], row["height"], base, row["extradata"])
        start = Moment(row["mono_ns"], row["wall_ns"], bool(row["trusted"]), row["boot_id"])
        path = self._directory / row["cam"] / row["name"]
        duration_s = row["duration_ns"] / NS
        seal = None if row["seq"] is None else Seal(row["epoch"], row["seq"], row["sha256"], row["link"])
        segment = Segment(
            row["id"], row["cam"], row["run"], path, start, duration_s, row["bytes"], form, row["gap_cause"], seal
        )
        return Stored(segment, row["pts_ns"])
