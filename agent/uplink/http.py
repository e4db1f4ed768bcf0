"""HTTP/1.1 whose blocking calls look at the stop event twice a second and give up on time.

The standard library writes and reads it, on sockets of our own: a stop acts at once, and a server that drips single
bytes is cut off by the guard's deadline, one that floods by what an answer may have beside its body. No redirect is
followed, no proxy used, nothing unpacked.
"""

import base64
import http.client
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import quote, urlsplit

from agent.clock import Clock
from agent.uplink.dial import SLICE_S, Guard, dial
from agent.uplink.line import MOST_BESIDE, Line
from agent.uplink.login import Login

IDLE_S = 20.0  # a connection that rested longer is not used again
PORTS = {"https": 443, "http": 80}
CHUNKED = 8  # times the bytes of a piece that come with it, where each has a chunk of its own
AS_WRITTEN = "/?%:@!$&'()*+,;=~-._[]"  # stays in a request's target; all else is percent-encoded
FAILURES = (OSError, http.client.HTTPException)  # what HttpClient raises, besides Interrupted
Origin = tuple[str, str, int]


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
        self._line: Line | None = None
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

    def _line_to(self, origin: Origin) -> Line:
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
        self._line, self._origin = Line(sock, self._guard, self._timeout_s), origin
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
    line: Line, origin: Origin, asked: tuple[str, str], headers: Mapping[str, str], content: bytes | Iterable[bytes]
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


def _final(line: Line, method: str) -> http.client.HTTPResponse:
    """Interim answers may come before it (100, 103): the library knows one kind only."""
    line.begin()
    while True:
        answer = http.client.HTTPResponse(line, method=method)  # type: ignore[arg-type]  # wants makefile() only
        answer.begin()
        if answer.status >= 200:
            return answer
