"""One SQLite file that survives kill -9, power cuts, damage and a full disk. Knows nothing of what is kept in it.

One connection behind one lock: commits are what takes time here, and SQLite allows one writer anyway. Damaged files are
set aside as `*.corrupt-TIME` and counted; a file of a newer version is refused untouched.
"""

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from agent.clock import NS, Clock
from agent.durable import sync_dir, write_durably
from agent.spool import cancelled
from agent.spool.migration import migrate
from agent.spool.reserve import Reserve
from agent.spool.schema import PAGE_BYTES, TABLES, VERSION
from agent.spool.trouble import is_damaged, is_full, newer_error, storage_error

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
KEPT_ASIDE = 2  # damaged files kept for whoever wants to look
SEQ_STRIDE = 2**40  # a fresh database continues far above what the damaged one can have used
WAL_BYTES = 4_000_000
SETTLED = 0x43414D53  # "CAMS"
SHRINK_BYTES = 8_000_000  # so much empty room in the file is given back at the start
PACKED_BYTES = 16_000_000  # unless so much is in use
HEADER_BYTES, MAGIC, VERSION_AT = 100, b"SQLite format 3\0", 60


class Database:
    """`write` runs one durable transaction, `read` one consistent look. Both raise StorageError."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._reserve = Reserve(path.with_name("reserve"))
        self._count_path = path.with_name("set-aside")
        self._connection: sqlite3.Connection | None = None
        self.set_aside = self._read_count()
        self.fresh = False  # made anew, and `mark_settled` has not been called on it yet
        with self._lock:
            self._connected()
        self._reserve.hold()

    def write(self, work: Work[T], *, frees: bool = False) -> T:
        """Run `work` in one transaction, on the disk when this returns; `work` may run twice.

        `frees`: it makes room, so on a full disk it may use the ballast.
        """
        with self._lock:
            try:
                return self._transact(work)
            except (sqlite3.Error, OSError) as error:
                self._after(error)
                if not (frees and is_full(error, self._path) and self._reserve.release()):
                    raise storage_error(error, self._path) from error
            try:
                result = self._transact(work)
                # Fold the log into the file, so that the ballast's room comes back.
                self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except (sqlite3.Error, OSError) as error:
                self._after(error)
                raise storage_error(error, self._path) from error
            finally:
                self._reserve.hold()
            return result

    def read(self, work: Work[T]) -> T:
        """Run `work`, which changes nothing."""
        with self._lock:
            try:
                return work(self._connected())
            except (sqlite3.Error, OSError) as error:
                self._after(error)
                raise storage_error(error, self._path) from error

    def mark_settled(self, connection: sqlite3.Connection) -> None:
        """Within a transaction: what a lost database left is taken back in; not `fresh` any more, for good."""
        connection.execute(f"PRAGMA application_id={SETTLED}")

    def scrub(self) -> None:
        """Write the file anew, so that nothing of what was deleted is left in it."""
        with self._lock:
            try:
                connection = self._connected()
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except (sqlite3.Error, OSError) as error:
                self._after(error)
                raise storage_error(error, self._path) from error

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with self._lock:
            self._disconnect()

    def _transact(self, work: Work[T]) -> T:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        with contextlib.ExitStack() as undo:
            undo.callback(_roll_back, connection)
            result = work(connection)
            connection.execute("COMMIT")
            undo.pop_all()
        return result

    def _after(self, error: Exception) -> None:
        # After an error of the disk nothing is known about the connection: the next use opens a new one.
        if is_full(error, self._path):
            return
        self._disconnect()
        if is_damaged(error):
            self._put_aside()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = self._open_or_mend()
            except (sqlite3.Error, OSError) as error:
                raise storage_error(error, self._path) from error
        return self._connection

    def _open_or_mend(self) -> sqlite3.Connection:
        try:
            return self._open()
        except (sqlite3.Error, OSError) as error:
            if is_damaged(error):
                self._put_aside()
            elif not (is_full(error, self._path) and self._reserve.release()):
                raise
        return self._open()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives -wal and -shm the same mode
        self._refuse_newer()
        with contextlib.ExitStack() as undo:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5.0)
            undo.callback(connection.close)
            connection.row_factory = sqlite3.Row
            self._prepare(connection)
            self.fresh = self._is_fresh(connection)
            undo.pop_all()
        return connection

    def _refuse_newer(self) -> None:
        # From the file's header (SQLite file format 1.3.14): even opening a connection may write to the file.
        with self._path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        if len(header) == HEADER_BYTES and header.startswith(MAGIC):
            self._check_version(int.from_bytes(header[VERSION_AT : VERSION_AT + 4], "big"))

    def _check_version(self, found: int) -> None:
        if found > VERSION:
            raise newer_error(self._path, found, VERSION)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # takes effect before the first table only
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA cache_size=-512")  # kB; a quarter of the usual: the system caches the file anyway
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_BYTES // PAGE_BYTES}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
        version = _number(connection, "user_version")
        self._check_version(version)  # once more: a newer number may have stood in the log only
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"malformed: {verdict}")
        if version == 0:
            self._create(connection)
        elif migrate(connection, version):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.executescript(cancelled.TABLES)
        self._pack(connection)

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.executescript(
            f"BEGIN;{TABLES}"  # noqa: S608 - constants and a number
            f"INSERT INTO totals VALUES (0, 0, 0, {self.set_aside * SEQ_STRIDE}, 0);"
            f"PRAGMA user_version={VERSION};COMMIT;"
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the tables themselves never hang on the log alone
        sync_dir(self._path.parent)

    def _pack(self, connection: sqlite3.Connection) -> None:
        # What an outage made long is given back, and a file of an older version gets our small pages: at the start,
        # once little is in it, for all of that is written anew.
        page, free, pages = (_number(connection, name) for name in ("page_size", "freelist_count", "page_count"))
        wasteful = free * page > SHRINK_BYTES or page != PAGE_BYTES
        if not wasteful or (pages - free) * page > PACKED_BYTES:
            return
        try:
            # Pages of another size cannot go through the log.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
            connection.execute("PRAGMA auto_vacuum=NONE")
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if not is_full(error, self._path):
                raise
            log.info("%s is not made smaller: the disk is full", self._path)
        finally:
            connection.execute("PRAGMA journal_mode=WAL")

    def _is_fresh(self, connection: sqlite3.Connection) -> bool:
        return _number(connection, "application_id") != SETTLED

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _put_aside(self) -> None:
        stamp = datetime.fromtimestamp(self._clock.now().wall_ns // NS, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.set_aside += 1
        name = f"{self._path.name}.corrupt-{stamp}-{self.set_aside}"
        log.warning("%s is damaged: set aside as %s; what waited in it is lost", self._path, name)
        try:
            # The count first: after a crash in between, revisions and numbers still continue above the old ones.
            write_durably(self._count_path, str(self.set_aside).encode())
            for suffix in ("-wal", "-shm", ""):
                part = self._path.with_name(self._path.name + suffix)
                if part.exists():
                    part.rename(self._path.with_name(name + suffix))
            sync_dir(self._path.parent)
            self._forget_old()
        except OSError as error:
            raise storage_error(error, self._path) from error

    def _forget_old(self) -> None:
        for path in self._path.parent.glob(f"{self._path.name}.corrupt-*"):
            number = path.name.removesuffix("-wal").removesuffix("-shm").rsplit("-", 1)[1]
            if number.isdigit() and int(number) <= self.set_aside - KEPT_ASIDE:
                path.unlink(missing_ok=True)

    def _read_count(self) -> int:
        try:
            return int(self._count_path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
