"""A TCP connection that gives up on time and hears of a stop at once.

Blocking calls look at the stop event twice a second; a server that drips single bytes is cut off by the deadline.
"""

import errno
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from agent.clock import Clock
from agent.uplink import wire

SLICE_S = 0.5
T = TypeVar("T")


class Interrupted(Exception):
    """The agent is stopping; nothing is wrong."""


def _nobody_watches(_: socket.socket) -> None:
    """Of the line only the answers count."""


class Guard:
    """Until when the running request may last, whether to stop at once, and who hears of each new socket."""

    def __init__(
        self,
        stop: threading.Event,
        clock: Clock,
        opened: Callable[[socket.socket], None] = _nobody_watches,
    ) -> None:
        self._stop = stop
        self._clock = clock
        self.opened = opened
        self.deadline_s: float | None = None

    def allow(self, seconds: float | None) -> None:
        """The running request may last this much longer; None: only its single reads and writes are limited."""
        self.deadline_s = None if seconds is None else self._clock.mono_s() + seconds

    def pause(self, seconds: float) -> None:
        """Wait. Raises Interrupted when the agent stops."""
        if self._stop.wait(seconds):
            raise Interrupted

    def patiently(self, step: Callable[[], T], timeout_s: float | None) -> T:
        """Repeat `step` while it times out. Raises Interrupted or TimeoutError."""
        end_s = self._clock.mono_s() + (timeout_s if timeout_s is not None else 3600.0)
        if self.deadline_s is not None:
            end_s = min(end_s, self.deadline_s)
        while True:
            if self._stop.is_set():
                raise Interrupted
            if self._clock.mono_s() >= end_s:
                raise TimeoutError
            try:
                return step()
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue


def dial(host: str, port: int, guard: Guard, timeout_s: float | None) -> socket.socket:
    """A TCP connection that does not block, marked as lower effort. Raises OSError and Interrupted."""
    failure: OSError = OSError("no address")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError as error:  # no name that could be written for DNS
        raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from error
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        wire.prepare(sock, family)
        try:
            _connect(sock, address, guard, timeout_s)
        except (OSError, Interrupted) as error:
            sock.close()
            if isinstance(error, Interrupted):
                raise
            failure = error
        else:
            return sock
    raise failure


def _connect(sock: socket.socket, address: Any, guard: Guard, timeout_s: float | None) -> None:
    sock.setblocking(False)
    begun = sock.connect_ex(address)
    if begun not in {0, errno.EINPROGRESS}:
        raise OSError(begun, os.strerror(begun))
    guard.patiently(lambda: _writable(sock), timeout_s)
    result = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if result:
        raise OSError(result, os.strerror(result))  # OSError picks the subclass, as ConnectionRefusedError


def _writable(sock: socket.socket) -> None:
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    if not poll.poll(SLICE_S * 1000):
        raise TimeoutError
