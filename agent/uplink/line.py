"""A guarded socket as http.client wants it: to send all of something, and to read from, within bounds."""

import http.client
import io
import select
import socket
import ssl
from typing import Any

from agent.uplink.dial import SLICE_S, Guard

MOST_BESIDE = 65_536  # bytes of a head, with those of interim answers; of what stands between two pieces of a body


class Line:
    """One connection: requests out, answers in, one after the other."""

    def __init__(self, sock: socket.socket, guard: Guard, timeout_s: float) -> None:
        sock.settimeout(SLICE_S)
        self._sock = sock
        self._guard = guard
        self._timeout_s = timeout_s
        self._reading = _Reading(sock, guard, timeout_s)
        self._reader = _Reader(self._reading)

    def sendall(self, data: bytes) -> None:
        """Each write within the timeout."""
        left = memoryview(data)
        while left:
            left = left[self._guard.patiently(lambda: self._sock.send(left), self._timeout_s) :]  # noqa: B023

    def begin(self) -> None:
        """What is read from now on belongs to a new answer, its head first."""
        self._reader = _Reader(self._reading)
        self.allow(MOST_BESIDE)

    def allow(self, count: int) -> None:
        """So many bytes may come now."""
        self._reading.left = count

    def makefile(self, mode: str) -> io.BufferedReader:
        """To read one answer from, and those that come before it."""
        assert mode == "rb"
        return self._reader

    def ended(self) -> bool:
        """Nobody has asked anything: what can be read now is the end, or nothing that was asked for."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


class _Reader(io.BufferedReader):
    """An interim answer that is let go must not take away what the final one is read from."""

    def close(self) -> None:
        """The line decides."""

    def flush(self) -> None:
        """Nothing is written here; an answer that is let go asks for it, when what it was read from may be gone."""


class _Reading(io.RawIOBase):
    def __init__(self, sock: socket.socket, guard: Guard, timeout_s: float) -> None:
        self._sock = sock
        self._guard = guard
        self._timeout_s = timeout_s
        self.left = 0  # bytes that may come

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.left <= 0:
            raise http.client.HTTPException("more than belongs to an answer")
        room = memoryview(buffer)[: self.left]
        count = self._guard.patiently(lambda: self._sock.recv_into(room), self._timeout_s)
        self.left -= count
        return count
