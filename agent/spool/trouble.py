"""What went wrong with the disk, told once: SQLite's and the system's errors become StorageError."""

import errno
import os
import sqlite3
from pathlib import Path

from agent.errors import StorageError
from agent.i18n import Text

FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: Exception, path: Path) -> bool:
    """No room, or no room for another file, on the disk of `path`."""
    if isinstance(error, OSError):
        return error.errno in FULL_ERRNOS
    if not isinstance(error, sqlite3.OperationalError):
        return False
    # Where SQLite cannot make or lengthen its -wal or -shm, it does not say why.
    vague = "disk I/O error" in str(error) or "unable to open" in str(error)
    return "full" in str(error) or (vague and _no_room(path))


def is_damaged(error: Exception) -> bool:
    """The database file itself is broken."""
    words = str(error)
    return isinstance(error, sqlite3.DatabaseError) and ("malformed" in words or "not a database" in words)


def storage_error(error: Exception, path: Path) -> StorageError:
    """The error to raise; the caller chains the cause."""
    if is_full(error, path):
        return _full(path)
    reason = str(error.strerror if isinstance(error, OSError) and error.strerror else error)
    return StorageError(
        Text(en=f"{path} cannot be written or read: {reason}", vi=f"Không ghi hoặc đọc được {path}: {reason}"),
        Text(
            en=f"Check that {path.parent} belongs to the agent's user and that the memory card is healthy",
            vi=f"Kiểm tra {path.parent} có thuộc về người dùng của dịch vụ không và thẻ nhớ còn tốt không",
        ),
        code="storage_error",
    )


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


def _no_room(path: Path) -> bool:
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail == 0 or (room.f_files > 0 and room.f_favail == 0)


def _full(path: Path) -> StorageError:
    hint = Text(
        en="Remove other files from this disk, or lower `footage.budget`",
        vi="Xoá bớt tệp khác trên ổ đĩa này, hoặc giảm `footage.budget`",
    )
    try:
        room = os.statvfs(path.parent)
        free = room.f_bavail * room.f_frsize
        no_inodes = room.f_files > 0 and room.f_favail == 0
    except OSError:
        free, no_inodes = 0, False
    if no_inodes:
        text = Text(
            en=f"The disk of {path.parent} has no inodes left: too many files",
            vi=f"Ổ đĩa chứa {path.parent} hết inode: quá nhiều tệp",
        )
    else:
        text = Text(
            en=f"The disk of {path.parent} is full ({free} bytes free)",
            vi=f"Ổ đĩa chứa {path.parent} đã đầy (còn {free} byte)",
        )
    return StorageError(text, hint, code="disk_full")
