"""HTTP/1.1 whose blocking calls look at the stop event twice a second and give up on time.

The standard library writes and reads it, on sockets of our own: a stop acts at once, and a server that drips single
bytes is cut off by the guard's deadline, one that floods by what an answer may have beside its body. No redirect is
followed, no proxy used, nothing unpacked.
"""

import base64
import errno
import http.client
import io
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from agent.clock import Clock
from agent.uplink import wire
from agent.uplink.login import Login

SLICE_S = 0.5
IDLE_S = 20.0  # a connection that rested longer is not used again
PORTS = {"https": 443, "http": 80}
MOST_BESIDE = 65_536  # bytes of a head, with those of interim answers; of what stands between two pieces of a body
CHUNKED = 8  # times the bytes of a piece that come with it, where each has a chunk of its own
AS_WRITTEN = "/?%:@!$&'()*+,;=~-._[]"  # stays in a request's target; all else is percent-encoded
FAILURES = (OSError, http.client.HTTPException)  # what HttpClient raises, besides Interrupted
Origin = tuple[str, str, int]
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


class HttpClient:
    """One connection at a time, used again for the same origin. Raises FAILURES and Interrupted.

    `timeout_s` limits each read and write, `connect_s` the connecting and the TLS handshake.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        guard: Guard,
        clock: Clock,
        *,
        timeout_s: float,
        connect_s: float,
        headers: Mapping[str, str],
    ) -> None:
        self._context = context
        self._guard = guard
        self._clock = clock
        self._timeout_s = timeout_s
        self._connect_s = connect_s
        self._headers = {"User-Agent": "camera-agent", "Accept-Encoding": "identity", **headers}
        self._line: _Line | None = None
        self._origin: Origin | None = None
        self._used_s = 0.0

    @contextmanager
    def stream(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes | Iterable[bytes] = b""
    ) -> "Iterator[Response]":
        """Ask; the connection is kept when the answer is read to its end. Pieces of `content` need a Content-Length."""
        origin, target = _place(url)
        line, again = self._line_to(origin), False
        try:
            whole = _send(line, origin, (method, target), self._headers | dict(headers or {}), content)
            answer = _final(line, method)
            yield Response(answer.status, answer.headers, answer, line.allow)
            again = whole and answer.isclosed() and not answer.will_close
        finally:
            self._used_s = self._clock.mono_s()
            if not again:
                self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _line_to(self, origin: Origin) -> "_Line":
        if self._line is not None:
            rested_s = self._clock.mono_s() - self._used_s
            if origin == self._origin and rested_s < IDLE_S and not self._line.ended():
                return self._line
            self.close()
        scheme, host, port = origin
        sock = dial(host, port, self._guard, self._connect_s)
        try:
            self._guard.opened(sock)
            if scheme == "https":
                sock.settimeout(SLICE_S)
                sock = secure = self._context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
                self._guard.patiently(secure.do_handshake, self._connect_s)
                self._guard.opened(secure)
        except BaseException:
            sock.close()
            raise
        self._line, self._origin = _Line(sock, self._guard, self._timeout_s), origin
        return self._line


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; `pieces` once, within HttpClient.stream."""

    status: int
    headers: Message
    _body: http.client.HTTPResponse
    _allow: Callable[[int], None]

    def pieces(self, size: int) -> Iterator[bytes]:
        """The body as it came. Raises HTTPException when it ends too early, or is not what it says."""
        if self._body.length == 0:  # whatever its headers say of chunks
            self._body.close()
        while piece := self._read(size):
            yield piece
        if self._body.length:
            raise http.client.IncompleteRead(b"", self._body.length)

    def _read(self, size: int) -> bytes:
        self._allow(CHUNKED * size + MOST_BESIDE)
        try:
            return self._body.read(size)
        except (ValueError, OverflowError) as error:  # a chunk of less than nothing
            raise http.client.IncompleteRead(b"") from error


def basic(login: Login) -> dict[str, str]:
    """The header that tells a login."""
    pair = f"{login.username}:{login.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _place(url: str) -> tuple[Origin, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=AS_WRITTEN)
    except ValueError as error:
        raise http.client.InvalidURL(str(error)) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise http.client.InvalidURL("no address of a server")
    return (parts.scheme, parts.hostname, port or PORTS[parts.scheme]), target


def _send(
    line: "_Line", origin: Origin, asked: tuple[str, str], headers: Mapping[str, str], content: bytes | Iterable[bytes]
) -> bool:
    """Was all of it sent? A server that has heard enough hangs up, but its answer may be there to be read."""
    scheme, host, port = origin
    request = http.client.HTTPConnection(host, port)
    request.default_port = PORTS[scheme]
    request.sock = line
    request.putrequest(*asked, skip_accept_encoding=True)
    for name, value in headers.items():
        request.putheader(name, value)
    if isinstance(content, bytes) and (content or asked[0] == "POST"):
        request.putheader("Content-Length", str(len(content)))
    try:
        request.endheaders()
        for piece in (content,) if isinstance(content, bytes) else content:
            request.send(piece)
    except TimeoutError:
        raise
    except OSError:
        return False
    return True


def _final(line: "_Line", method: str) -> http.client.HTTPResponse:
    """Interim answers may come before it (100, 103): the library knows one kind only."""
    line.begin()
    while True:
        answer = http.client.HTTPResponse(line, method=method)  # type: ignore[arg-type]  # wants makefile() only
        answer.begin()
        if answer.status >= 200:
            return answer


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


class _Line:
    """A socket as http.client wants it: to send all of something, and to read from."""

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
