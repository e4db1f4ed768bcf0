"""An HTTP server that gives prepared answers and remembers what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True)
class Canned:
    """One answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class CannedServer:
    """`answers` are used up in order; the last one stays. OPTIONS has its own, and is not among `asked`."""

    url: str
    answers: list[Canned]
    options: Canned = field(default_factory=lambda: Canned(204, TUS))
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        return [method for method, _, _ in self.asked]


@contextmanager
def canned(*answers: Canned) -> Iterator[CannedServer]:
    script = CannedServer("", list(answers))

    class Responder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_OPTIONS(self) -> None:
            self._say(script.options)

        def _answer(self) -> None:
            script.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            self._say(answer)

        def _say(self, answer: Canned) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value.replace("{url}", script.url))
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_POST = do_HEAD = do_PATCH = do_GET = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Responder)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}/files"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
