"""Opens a plain file of somebody else's for reading, nothing else: whose path it is does not decide what root opens.

Merely to open some devices has an effect (a watchdog begins to run), so what it is is asked before. Only the standard
library.
"""

import os
import stat
from io import BufferedReader
from pathlib import Path


class NoPlainFile(OSError):
    """A folder, a pipe, a device, or a file that is none, as those in /proc are."""


def open_plain(path: Path) -> BufferedReader:
    """No link is followed at its end. Raises OSError (NoPlainFile, ELOOP …)."""
    found = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        about = os.fstat(found)
        if not stat.S_ISREG(about.st_mode) or about.st_size == 0:
            raise NoPlainFile(f"{path} is no file")
        descriptor = os.open(f"/proc/self/fd/{found}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    finally:
        os.close(found)
    return os.fdopen(descriptor, "rb")
