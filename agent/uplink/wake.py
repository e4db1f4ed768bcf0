"""Wakes a thread that waits in select(): a pipe behind a name."""

import os


class Wake:
    """`set` from any thread; the waiting one selects on `fileno` and clears."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def set(self) -> None:
        """Something is there to do."""
        try:
            os.write(self._write, b"\0")
        except BlockingIOError:
            return  # the pipe is full: it is awake already

    def clear(self) -> None:
        """Seen."""
        try:
            os.read(self._read, 65_536)
        except BlockingIOError:
            return

    def fileno(self) -> int:
        """For select()."""
        return self._read

    def close(self) -> None:
        """Give both ends back."""
        os.close(self._read)
        os.close(self._write)
