"""What went wrong with the disk, told once: SQLite's and the system's errors become StorageError."""

import sqlite3
from pathlib import Path

from agent.durable import FULL, disk_error, no_room
from agent.errors import StorageError
from agent.i18n import Text


def is_full(error: Exception, path: Path) -> bool:
    """No room, or no room for another file, on the disk of `path`."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, sqlite3.OperationalError):
        return False
    # Where SQLite cannot make or lengthen its -wal or -shm, it does not say why.
    vague = "disk I/O error" in str(error) or "unable to open" in str(error)
    return "full" in str(error) or (vague and no_room(path))


def is_damaged(error: Exception) -> bool:
    """The database file itself is broken."""
    words = str(error)
    return isinstance(error, sqlite3.DatabaseError) and ("malformed" in words or "not a database" in words)


def storage_error(error: Exception, path: Path) -> StorageError:
    """The error to raise; the caller chains the cause."""
    return disk_error(error, path, is_full(error, path))


def newer_error(path: Path, found: int, known: int) -> StorageError:
    """The database was written by a later release."""
    return StorageError(
        Text(
            en=f"{path} was written by a newer version of the agent (schema {found}, this one knows {known})",
            vi=f"{path} do phiên bản mới hơn của chương trình ghi (lược đồ {found}, bản này chỉ biết {known})",
        ),
        Text(
            en="Install that version again, or move the file away to start without what waits in it",
            vi="Cài lại phiên bản đó, hoặc chuyển tệp đi nơi khác để bắt đầu lại mà không có dữ liệu chờ gửi trong đó",
        ),
        code="storage_error",
    )
