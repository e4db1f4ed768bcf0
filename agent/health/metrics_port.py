"""http://127.0.0.1:PORT/metrics: one request at a time, each within two seconds, from this machine only.

A whole HTTP server (asyncio, aiohttp) would cost a node that has no page more than a megabyte. `Host` is looked at,
lest a web page that somebody opens on this machine reads the figures under a name of its own (DNS rebinding).
"""

import logging
import socket
from collections.abc import Callable

from agent.clock import Clock
from agent.errors import Retryable
from agent.health.metrics import CONTENT_TYPE
from agent.i18n import Text
from agent.system_words import reason
from agent.worker import Outcome

log = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
ACCEPT_S = 0.5
REQUEST_S = 2.0
LONGEST = 4096  # bytes of a request
WAITING = 4
HOSTS = (b"127.0.0.1", b"localhost")


class MetricsJob:
    """Job "metrics". `page` gives the newest figures. Raises Retryable (metrics_failed) when the port is taken."""

    def __init__(self, port: int, page: Callable[[], bytes], clock: Clock) -> None:
        self._page = page
        self._clock = clock
        try:
            self._server = socket.create_server((LOOPBACK, port), backlog=WAITING)
        except OSError as error:
            why = reason(error)
            raise Retryable(
                Text(
                    en=f"The figures for Prometheus cannot open port {port}: {why.en}",
                    vi=f"Không mở được cổng {port} cho số liệu Prometheus: {why.vi}",
                ),
                Text(en="Choose another `metrics.port`", vi="Hãy chọn `metrics.port` khác"),
                code="metrics_failed",
            ) from error
        self._server.settimeout(ACCEPT_S)
        self.port: int = self._server.getsockname()[1]
        self._told = False

    def run_once(self) -> Outcome:
        """Wait half a second for one request and answer it."""
        if not self._told:
            self._told = True
            log.info("figures for Prometheus: http://%s:%d/metrics", LOOPBACK, self.port)
            return Outcome.WORKED
        try:
            client, _ = self._server.accept()
        except OSError:  # nobody, or gone again
            return Outcome.IDLE
        with client:
            try:
                client.sendall(self._answer(self._request(client)))
            except OSError:
                return Outcome.IDLE
        return Outcome.WORKED

    def close(self) -> None:
        """Give the port back."""
        self._server.close()

    def _request(self, client: socket.socket) -> bytes:
        """Up to the empty line. Raises OSError (TimeoutError) when that takes too long."""
        end_s = self._clock.mono_s() + REQUEST_S
        read = b""
        while b"\r\n\r\n" not in read and len(read) < LONGEST:
            left_s = end_s - self._clock.mono_s()
            if left_s <= 0:
                raise TimeoutError
            client.settimeout(left_s)
            more = client.recv(LONGEST - len(read))
            if not more:
                break
            read += more
        client.settimeout(REQUEST_S)
        return read

    def _answer(self, request: bytes) -> bytes:
        first, *headers = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
        method, path, *_ = (*first.split(b" "), b"", b"")
        if method not in (b"GET", b"HEAD"):
            return _response(b"405 Method Not Allowed")
        if not any(_names_us(header) for header in headers):
            return _response(b"403 Forbidden")
        if path.partition(b"?")[0] != b"/metrics":
            return _response(b"404 Not Found")
        return _response(b"200 OK", self._page(), head=method == b"HEAD")


def _names_us(header: bytes) -> bool:
    key, _, value = header.partition(b":")
    return key.strip().lower() == b"host" and value.strip().lower().partition(b":")[0] in HOSTS


def _response(status: bytes, body: bytes = b"", head: bool = False) -> bytes:
    lines = (
        b"HTTP/1.1 " + status,
        b"Content-Type: " + CONTENT_TYPE.encode(),
        b"Content-Length: %d" % len(body),
        b"Cache-Control: no-store",
        b"Connection: close",
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if head else body)
