"""A file of ballast. In WAL mode even a DELETE is first appended to the log, so on a full disk nothing could be freed;
giving up the ballast makes room for exactly that.
"""

import contextlib
import os
from pathlib import Path

RESERVE_BYTES = 1_000_000


class Reserve:
    """Room on the disk that only deletions may use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hold(self) -> bool:
        """Take the room, if there is any to take; True when it is held."""
        try:
            if self._path.stat().st_size >= RESERVE_BYTES:
                return True
        except OSError:
            pass  # not held yet
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> bool:
        """Give the room back; True when there was some."""
        with contextlib.suppress(OSError):
            self._path.unlink()
            return True
        return False
