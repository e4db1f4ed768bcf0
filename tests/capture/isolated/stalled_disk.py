"""A file whose read never comes back: a process that reads it is in state D, and SIGKILL does not end it.

A FUSE file system of one file (the root itself), served by a thread that never answers a read. Needs root.
"""

import contextlib
import ctypes
import os
import stat
import struct
import threading
from pathlib import Path

IN = struct.Struct("<IIQQIIII")
OUT = struct.Struct("<IiQ")
GETATTR, OPEN, READ, INIT = 3, 14, 15, 26
ENOSYS = -38
ATTR = struct.Struct("<QII QQQQQQ IIIIIIIIII")
MNT_FORCE, MNT_DETACH = 1, 2
DIRECT_IO = 1


class StalledDisk:
    """`path` can be opened; reading it hangs in the kernel until `close`. Raises OSError where it cannot be mounted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stalled = threading.Event()
        path.touch()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self._device},rootmode={stat.S_IFREG | 0o444:o},user_id=0,group_id=0"
        if self._libc.mount(b"stalled", bytes(path), b"fuse", 0, options.encode()):
            os.close(self._device)
            raise OSError(ctypes.get_errno(), "mount")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Every read fails now, and who waited in it can die."""
        if not self._thread.is_alive():
            return
        self._libc.umount2(bytes(self.path), MNT_FORCE)
        self._libc.umount2(bytes(self.path), MNT_DETACH)
        self._thread.join(5)
        os.close(self._device)

    def _serve(self) -> None:
        while True:
            try:
                request = os.read(self._device, 1 << 17)
            except OSError:  # unmounted
                return
            _, opcode, unique, *_ = IN.unpack_from(request)
            if opcode == READ:
                self.stalled.set()
                continue
            body = self._answer(opcode)
            head = OUT.pack(OUT.size + len(body or b""), ENOSYS if body is None else 0, unique)
            with contextlib.suppress(OSError):  # an answer that nobody waits for any more
                os.write(self._device, head + (body or b""))

    def _answer(self, opcode: int) -> bytes | None:
        if opcode == INIT:
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 1, 1, 4096, 1, 1, 0, 0)
        if opcode == GETATTR:
            return ATTR.pack(0, 0, 0, 1, 4096, 8, 0, 0, 0, 0, 0, 0, stat.S_IFREG | 0o444, 1, 0, 0, 0, 4096, 0)
        return struct.pack("<QII", 0, DIRECT_IO, 0) if opcode == OPEN else None
