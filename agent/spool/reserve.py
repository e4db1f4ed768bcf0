"""A file of ballast. In WAL mode even a DELETE is first appended to the log, so on a full disk nothing could be freed;
giving up the ballast makes room for exactly that.
"""

import contextlib
import os
from pathlib import Path

RESERVE_BYTES = (1_000_000, 500_000, 250_000, 120_000)  # as much as there is


class Reserve:
    """Room on the disk that only deletions may use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hold(self) -> int:
        """Take the room, or what there is of it; the bytes held."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError:
            return 0
        try:
            return self._grow(descriptor)
        finally:
            os.close(descriptor)

    def release(self) -> bool:
        """Give the room back; True when there was some."""
        try:
            held = self._path.stat().st_size
            self._path.unlink()
        except OSError:
            return False
        return held > 0

    def _grow(self, descriptor: int) -> int:
        held = os.fstat(descriptor).st_size
        for size in RESERVE_BYTES:
            if held >= size:
                break
            with contextlib.suppress(OSError):
                os.posix_fallocate(descriptor, 0, size)
                return size
        return held
