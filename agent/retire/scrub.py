"""Overwrite, then remove. What a memory card keeps in its spare pages no program reaches; the certificate says so."""

import contextlib
import os
import stat
from pathlib import Path

from agent.durable import disk_error, sync_dir

SMALL = 16 << 20  # bytes; a larger file (a journal) is removed without being overwritten
PIECE = 1 << 20


def scrub(path: Path) -> int:
    """Remove `path` and all below it, small files overwritten first; how many files went.

    Links are removed, never followed. May be killed anywhere and done again. Raises StorageError.
    """
    try:
        count = _scrub(path)
        with contextlib.suppress(FileNotFoundError):
            sync_dir(path.parent)
    except OSError as error:
        raise disk_error(error, path) from error
    return count


def _scrub(path: Path) -> int:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    if stat.S_ISDIR(status.st_mode):
        count = sum(_scrub(child) for child in sorted(path.iterdir()))
        if path.is_mount():
            return count
        path.rmdir()
        return count
    if stat.S_ISREG(status.st_mode) and 0 < status.st_size <= SMALL and status.st_nlink == 1:
        _overwrite(path, status.st_size)
    path.unlink(missing_ok=True)
    return 1


def _overwrite(path: Path, size: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except PermissionError:  # an immutable file: whether it can be removed shows next
        return
    try:
        for start in range(0, size, PIECE):
            os.pwrite(descriptor, bytes(min(PIECE, size - start)), start)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
