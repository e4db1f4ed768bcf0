"""Files that are either wholly there or not at all: write aside, fsync, rename, fsync the directory.

And what it means when the disk does not let us: `disk_error`, for every room that writes.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from agent.errors import StorageError
from agent.i18n import Text
from agent.system_words import reason

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def durable_file(path: Path) -> Iterator[Path]:
    """Yields a sibling `*.tmp` path to write; on success it is synced and takes the name `path`, else it is removed.

    Raises OSError as the file system does.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        yield temporary
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def publish(temporary: Path, path: Path) -> None:
    """fsync `temporary`, rename it to `path`, fsync the directory."""
    sync_file(temporary)
    temporary.replace(path)
    sync_dir(path.parent)


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace the content of `path` in one step. No link is followed: root also writes where others may put one."""
    with durable_file(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


def remove_durably(path: Path) -> None:
    """Remove `path` (it may be gone already) and sync the directory."""
    path.unlink(missing_ok=True)
    sync_dir(path.parent)


def sync_file(path: Path) -> None:
    """fsync one file."""
    _sync(path, os.O_RDONLY)


def sync_dir(path: Path) -> None:
    """fsync one directory, so that a rename in it survives a power cut."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(error: Exception, path: Path, full: bool | None = None) -> StorageError:
    """What to raise for `error` of the system (or of a library that has errno and strerror) at `path`.

    Code `disk_full`, or `storage_error` for everything else. `full`: where errno does not tell, as with SQLite.
    """
    if getattr(error, "errno", None) in FULL if full is None else full:
        return _full(path)
    why = reason(error)
    return StorageError(
        Text(en=f"{path} cannot be written or read: {why.en}", vi=f"Không ghi hoặc đọc được {path}: {why.vi}"),
        Text(
            en=f"Check that {path.parent} belongs to the agent's user; a memory card that has become read-only is worn "
            "out: replace it",
            vi=f"Kiểm tra {path.parent} có thuộc về người dùng của dịch vụ không; thẻ nhớ chuyển sang chỉ đọc là đã "
            "hỏng: hãy thay thẻ",
        ),
        code="storage_error",
    )


def no_room(path: Path) -> bool:
    """Has the disk of `path` no bytes or no inodes left for us?"""
    try:
        room = os.statvfs(path if path.is_dir() else path.parent)
    except OSError:
        return False
    return room.f_bavail == 0 or (room.f_files > 0 and room.f_favail == 0)


def _full(path: Path) -> StorageError:
    try:
        room = os.statvfs(path if path.is_dir() else path.parent)
        free, no_inodes = room.f_bavail * room.f_frsize, room.f_files > 0 and room.f_favail == 0
    except OSError:
        free, no_inodes = 0, False
    full = Text(en=f"The disk of {path} is full ({free} bytes free)", vi=f"Ổ đĩa chứa {path} đã đầy (còn {free} byte)")
    files = Text(
        en=f"The disk of {path} has no inodes left: too many files", vi=f"Ổ đĩa chứa {path} hết inode: quá nhiều tệp"
    )
    hint = Text(
        en="Remove other files from this disk, or lower `footage.budget`; it goes on when there is space",
        vi="Xoá bớt tệp khác trên ổ đĩa này, hoặc giảm `footage.budget`; khi có chỗ trống sẽ tự chạy tiếp",
    )
    return StorageError(files if no_inodes else full, hint, code="disk_full")
