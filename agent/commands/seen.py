"""Which requests were already taken, for a week, also over restarts: one small SQLite table.

A damaged file is set aside: forgetting is better than refusing every command. Used by one thread.
"""

import contextlib
import logging
import sqlite3
from pathlib import Path

from agent.clock import NS, Clock
from agent.durable import disk_error
from agent.errors import StorageError

log = logging.getLogger(__name__)
KEPT_NS = 7 * 86_400 * NS
MOST = 100_000
SCHEMA = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, wall_ns INTEGER)"


class SeenRequests:
    """`path` is made when it is missing. Raises StorageError when the disk does not let us."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        try:
            self._table = self._open()
        except sqlite3.OperationalError as error:
            raise self._failure(error) from error
        except sqlite3.DatabaseError:
            aside = path.with_suffix(".corrupt")
            log.warning("%s is damaged; it is set aside as %s", path, aside.name)
            path.replace(aside)
            for extra in ("-wal", "-shm"):
                path.with_name(path.name + extra).unlink(missing_ok=True)
            self._table = self._open()

    def close(self) -> None:
        """Close the file."""
        self._table.close()

    def knows(self, request_id: str) -> bool:
        """Was it taken before?"""
        try:
            return self._table.execute("SELECT 1 FROM seen WHERE id = ?", (request_id.upper(),)).fetchone() is not None
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def remember(self, request_id: str) -> None:
        """Durable on return."""
        now = self._clock.now()
        wall_ns = now.wall_ns if now.trusted else None  # without a right clock it cannot grow old
        try:
            with self._table:
                if now.trusted:
                    self._table.execute("UPDATE seen SET wall_ns = ? WHERE wall_ns IS NULL", (now.wall_ns,))
                    self._table.execute("DELETE FROM seen WHERE wall_ns < ?", (now.wall_ns - KEPT_NS,))
                self._table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (request_id.upper(), wall_ns))
                self._table.execute("DELETE FROM seen WHERE rowid <= (SELECT max(rowid) FROM seen) - ?", (MOST,))
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _open(self) -> sqlite3.Connection:
        with contextlib.ExitStack() as undo:
            table = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False)
            undo.callback(table.close)
            table.execute("PRAGMA journal_mode=WAL")
            table.execute("PRAGMA synchronous=FULL")
            table.execute(SCHEMA)
            undo.pop_all()
            return table

    def _failure(self, error: sqlite3.Error) -> StorageError:
        return disk_error(error, self._path, full="full" in str(error))
