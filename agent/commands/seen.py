"""Which requests were already taken, also over restarts: one small SQLite table.

It forgets by number and never by time, so that no step of the clock makes it forget: the newest 300,000 stay, which is
a week at thirty a minute, and three days at the sixty a minute that the door lets in. No command is good for more than
a day. A damaged file is set aside: forgetting is better than refusing every command. What was said before that moment
may have been taken already, and `lost_ns` tells it.
"""

import contextlib
import logging
import os
import sqlite3
import threading
from pathlib import Path

from agent.durable import disk_error
from agent.errors import StorageError

log = logging.getLogger(__name__)
MOST = 300_000  # about 25 MB
SCHEMA = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)"


class SeenRequests:
    """Thread-safe. `path` is made when it is missing. Raises StorageError when the disk does not let us."""

    def __init__(self, path: Path, *, most: int = MOST) -> None:
        self._path = path
        self._most = most
        self._lock = threading.Lock()
        aside = path.with_suffix(".corrupt")
        try:
            self._table = self._open()
        except sqlite3.OperationalError as error:
            raise self._failure(error) from error
        except sqlite3.DatabaseError:
            log.warning("%s is damaged; it is set aside as %s", path, aside.name)
            path.replace(aside)
            os.utime(aside)  # when it was lost
            for extra in ("-wal", "-shm"):
                path.with_name(path.name + extra).unlink(missing_ok=True)
            self._table = self._open()
        self.lost_ns = aside.stat().st_mtime_ns if aside.exists() else None  # Unix time, by the clock of that moment

    def close(self) -> None:
        """Close the file."""
        self._table.close()

    def knows(self, request_id: str) -> bool:
        """Was it taken before?"""
        try:
            with self._lock:
                found = self._table.execute("SELECT 1 FROM seen WHERE id = ?", (request_id.upper(),)).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return found is not None

    def remember(self, request_id: str) -> None:
        """Durable on return."""
        try:
            with self._lock, self._table:
                self._table.execute("INSERT OR IGNORE INTO seen (id) VALUES (?)", (request_id.upper(),))
                self._table.execute("DELETE FROM seen WHERE rowid <= (SELECT max(rowid) FROM seen) - ?", (self._most,))
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
