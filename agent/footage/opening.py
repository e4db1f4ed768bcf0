"""Opens the file of the index: is it whole, of which version, and does it name files of ours only? And its errors."""

import errno
import sqlite3
from pathlib import Path

from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.rows import ASTRAY, MIGRATE, TABLES, VERSION
from agent.i18n import Text

NAME = "index.sqlite"
PAGES = 256  # of log before it is written back: 1 MB, which also a nearly full disk has room for


class NewerIndex(sqlite3.DatabaseError):
    """It was made by a later version of the agent: whole, but not ours to change."""


def opened(path: Path, reading: bool) -> sqlite3.Connection:
    """A connection to a whole index of this version; rows by name. Raises sqlite3.Error.

    With `reading` nothing is ever written. An older index is brought up to this version; a newer one is NewerIndex.
    """
    if reading:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    else:
        db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        if not reading:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA cache_size=-256")  # kB: what is asked for is at the end, or all of it
            # The newest rows may be lost in a power cut: their files are there, and recovery finds them.
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"PRAGMA wal_autocheckpoint={PAGES}")
            (healthy,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if healthy != "ok":
                raise sqlite3.DatabaseError(f"quick_check: {healthy}")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise NewerIndex(f"version {version}")
        if reading and version < VERSION:
            raise sqlite3.DatabaseError(f"version {version}")
        if not reading:
            _brought_up(db, version)
        if db.execute(ASTRAY).fetchone() is not None:
            raise sqlite3.DatabaseError("a row leads out of its folder")
    except sqlite3.Error:
        db.close()
        raise
    db.row_factory = sqlite3.Row
    return db


def in_words(error: sqlite3.Error, directory: Path) -> StorageError:
    """What an error of the open index means for a person."""
    if "full" in str(error):
        return disk_error(OSError(errno.ENOSPC, str(error)), directory)
    return StorageError(
        Text(en=f"The footage index fails: {error}", vi=f"Chỉ mục hình đã ghi bị lỗi: {error}"),
        Text(
            en="It is made again from the files; if it keeps happening, replace the memory card",
            vi="Chỉ mục sẽ được dựng lại từ các tệp; nếu lặp lại nhiều lần, hãy thay thẻ nhớ",
        ),
        code="storage_error",
    )


def _brought_up(db: sqlite3.Connection, version: int) -> None:
    if version == VERSION:
        return
    try:
        db.executescript(MIGRATE if version else f"{TABLES}PRAGMA user_version={VERSION};")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
