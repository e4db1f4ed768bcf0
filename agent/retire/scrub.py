"""Overwrite, then remove. What a memory card keeps in its spare pages no program reaches; the certificate says so.

Root does this, also in folders of the service's user, so each step is taken from within the folder that was looked at:
a folder that somebody exchanges for a link meanwhile leads nowhere.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path

from agent.durable import disk_error

SMALL = 16 << 20  # bytes; a larger file (a journal) is removed without being overwritten
PIECE = 1 << 20
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def scrub(path: Path) -> int:
    """Remove `path` and all below it, small files overwritten first; how many files went.

    Links are removed, never followed. May be killed anywhere and done again. Raises StorageError.
    """
    try:
        inside = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise disk_error(error, path) from error
    try:
        count = _scrub(inside, path.name)
        os.fsync(inside)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        os.close(inside)
    return count


def _scrub(inside: int, name: str) -> int:
    """`name` in the folder that is open as `inside`."""
    try:
        status = os.stat(name, dir_fd=inside, follow_symlinks=False)
    except FileNotFoundError:
        return 0
    if stat.S_ISDIR(status.st_mode):
        return _scrub_folder(inside, name)
    if stat.S_ISREG(status.st_mode) and 0 < status.st_size <= SMALL and status.st_nlink == 1:
        _overwrite(inside, name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=inside)
    return 1


def _scrub_folder(inside: int, name: str) -> int:
    folder = os.open(name, FOLDER, dir_fd=inside)
    try:
        count = sum(_scrub(folder, child) for child in sorted(os.listdir(folder)))  # noqa: PTH208  # of what is open
    finally:
        os.close(folder)
    try:
        os.rmdir(name, dir_fd=inside)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a disk that is mounted there: it is empty now
            raise
    return count


def _overwrite(inside: int, name: str) -> None:
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=inside)
    except PermissionError:  # an immutable file: whether it can be removed shows next
        return
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:  # another one since it was looked at
            return
        for start in range(0, min(status.st_size, SMALL), PIECE):
            os.pwrite(descriptor, bytes(min(PIECE, status.st_size - start)), start)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
