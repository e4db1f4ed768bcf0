"""HTTP transport whose blocking calls look at the stop event twice a second and give up on time.

httpx waits in one piece for up to a whole timeout; here a stop acts at once, and a server that drips single bytes is
cut off by the guard's deadline.
"""

import errno
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import httpcore
import httpx

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


class Transport(httpx.HTTPTransport):
    """httpx's own transport on guarded sockets."""

    def __init__(self, context: ssl.SSLContext, guard: Guard) -> None:
        super().__init__(verify=context)
        # httpx has no public way to hand in a network backend; the pool is the same as the one it made itself.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=1, keepalive_expiry=20.0, network_backend=_Backend(guard)
        )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            sock = dial(host, port, self._guard, timeout)
            self._guard.opened(sock)
            return _Stream(sock, self._guard)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


def dial(host: str, port: int, guard: Guard, timeout_s: float | None) -> socket.socket:
    """A TCP connection that does not block, marked as lower effort. Raises OSError and Interrupted."""
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
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


class _Stream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket, guard: Guard) -> None:
        sock.settimeout(SLICE_S)
        self._sock = sock
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._guard.patiently(lambda: self._sock.recv(max_bytes), timeout)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                left = buffer
                buffer = buffer[self._guard.patiently(lambda: self._sock.send(left), timeout) :]  # noqa: B023
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            secure = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname, do_handshake_on_connect=False)
            self._sock = secure
            self._guard.patiently(secure.do_handshake, timeout)
            self._guard.opened(secure)
            return _Stream(secure, self._guard)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            poll = select.poll()
            poll.register(self._sock, select.POLLIN)
            return bool(poll.poll(0))
        return {"socket": self._sock, "ssl_object": self._sock if isinstance(self._sock, ssl.SSLSocket) else None}.get(
            info
        )
