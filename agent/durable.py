"""Files that are either wholly there or not at all: write aside, fsync, rename, fsync the directory."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


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
    """Replace the content of `path` in one step."""
    with durable_file(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
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
