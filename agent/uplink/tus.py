"""The tus 1.0 protocol (https://tus.io/protocols/resumable-upload): create, ask for the offset, send a piece.

Knows nothing of clips in a spool. An answer without `Tus-Resumable` is nobody's success; redirects are not followed;
the login goes to the configured origin only.
"""

import base64
import email.utils
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timezone
from email.message import Message
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit

from agent.clock import Clock
from agent.config.model import TlsSection, UploadSection
from agent.errors import Rejected
from agent.i18n import Text
from agent.uplink.dial import Guard
from agent.uplink.http import FAILURES, PORTS, HttpClient, basic
from agent.uplink.login import Login
from agent.uplink.peer import HUNG_UP, Peer, explain, tls_cut_short, upload_server
from agent.uplink.tls import client_context

VERSION = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"
CONNECT_S = 10.0
RETRY_AFTER_CAP_S = 300.0
UNDERSTOOD_BODY = 65_536
GONE = {403, 404, 410}
BUSY_S = {423: 2.0, 429: 10.0}  # what to wait when the server does not say
CHECKSUM_MISMATCH = 460
ALGORITHM = "sha256"
LONGEST_NUMBER = 18  # digits
NO_UPLOAD = "no-such-upload"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one request sends: `length` bytes from `offset` on, with their sha256 where the server checks it."""

    offset: int
    length: int
    sha256: bytes | None = None


class Gone(Exception):
    """The server does not know this upload (any more)."""


class Conflict(Exception):
    """The server is at another offset than we thought."""


class Corrupted(Exception):
    """The sha256 is not the promised one, of a piece or of all bytes; the server has dropped them."""


@dataclass
class Busy(Exception):
    """The server asks to come back after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of a response that the protocol needs."""

    status: int
    headers: Message

    @property
    def tus(self) -> bool:
        """It comes from a tus server, not from something on the way."""
        return "Tus-Resumable" in self.headers


class TusClient:
    """One connection to one upload server. Raises LinkError, Rejected, and the exceptions above."""

    def __init__(
        self, section: UploadSection, tls: TlsSection, login: Login | None, guard: Guard, clock: Clock
    ) -> None:
        parts = urlsplit(section.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._url = section.url
        self._clock = clock
        self._guard = guard
        self._timeout_s = section.timeout
        self._checksums: bool | None = None  # None: not asked yet
        self._answered = False
        self.peer: Peer = upload_server(parts.hostname or "", port)
        self._http = HttpClient(
            client_context(tls, "upload_tls"),
            guard,
            clock,
            timeout_s=section.timeout,
            connect_s=min(CONNECT_S, section.timeout),
            headers=VERSION | (basic(login) if login else {}),
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ours(self, url: str) -> bool:
        """Is `url` on the configured origin, and one that can be asked?"""
        try:
            return url.isprintable() and _origin(url) == _origin(self._url)
        except ValueError:  # no address at all
            return False

    def create(self, length: int, metadata: Mapping[str, str]) -> str:
        """POST: a place for `length` bytes; gives its URL."""
        words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        answer = self._ask("POST", self._url, {"Upload-Length": str(length), "Upload-Metadata": words})
        if answer.status == 413:
            raise Rejected(
                Text(
                    en=f"the upload server does not take a clip of {length} bytes",
                    vi=f"máy chủ nhận clip không nhận clip dài {length} byte",
                ),
                Text(
                    en="raise its limit, or lower `footage.max_clip`",
                    vi="hãy tăng giới hạn ở máy chủ, hoặc giảm `footage.max_clip`",
                ),
                code="upload_refused",
            )
        self._expect(answer, {201})
        location = str(answer.headers.get("Location", ""))
        url = _joined(self._url, location)
        if not location or not self.ours(url):
            raise self.peer.trouble(
                "refused",
                "{peer} sends clips to another address, which is not followed",
                "{peer} chuyển clip sang địa chỉ khác nên không gửi",
                Text(
                    en="behind a proxy, let it pass on host and scheme (X-Forwarded-Host, X-Forwarded-Proto)",
                    vi="nếu có proxy, hãy để nó chuyển tiếp tên máy và giao thức (X-Forwarded-Host, X-Forwarded-Proto)",
                ),
            )
        return url

    def offset(self, url: str) -> int:
        """HEAD: how many bytes the server has. Raises Gone."""
        answer = self._ask("HEAD", url, {})
        if answer.tus and answer.status in GONE:
            raise Gone
        self._expect(answer, {200, 204})
        return self._offset_of(answer)

    def checks(self) -> bool:
        """OPTIONS, once for each connection of a job: does the server check a sha256 of each piece?"""
        if self._checksums is None:
            answer = self._ask("OPTIONS", self._url, {})
            offered = answer.headers.get("Tus-Checksum-Algorithm", "").lower().replace(" ", "").split(",")
            self._checksums = answer.tus and answer.status in {200, 204} and ALGORITHM in offered
        return self._checksums

    def greet(self) -> None:
        """For whoever only wants to know whether clips would be taken. Raises as the class says.

        Servers answer OPTIONS without a login; whether ours is right shows when an upload that is none is asked for.
        """
        self._expect(self._ask("OPTIONS", self._url, {}), {200, 204})
        answer = self._ask("HEAD", f"{self._url.rstrip('/')}/{NO_UPLOAD}", {})
        if answer.status in {401, 407}:
            self._expect(answer, set())

    def send(self, url: str, piece: Piece, body: Iterator[bytes]) -> int:
        """PATCH one piece; gives the server's offset after it. Raises Gone, Conflict, Corrupted."""
        headers = {
            "Upload-Offset": str(piece.offset),
            "Content-Length": str(piece.length),
            "Content-Type": OFFSET_TYPE,
        }
        if piece.sha256 is not None:
            headers["Upload-Checksum"] = f"{ALGORITHM} {base64.b64encode(piece.sha256).decode()}"
        answer = self._ask("PATCH", url, headers, body)
        if answer.tus and answer.status in {404, 410}:
            raise Gone
        if answer.status == 409:
            raise Conflict
        if answer.status == CHECKSUM_MISMATCH:
            raise Corrupted
        self._expect(answer, {204, 200})
        return self._offset_of(answer)

    def _ask(self, method: str, url: str, headers: dict[str, str], body: Iterator[bytes] | None = None) -> Answer:
        # A body takes as long as the line needs (each write has its own limit); the answer to it does not.
        self._guard.allow(None if body else 2 * self._timeout_s)
        content = _then(body, lambda: self._guard.allow(2 * self._timeout_s)) if body else b""
        try:
            with self._http.stream(method, url, headers, content) as response:
                # Read what is small, so that the connection can be used again; a large body is none of ours.
                for _ in zip(range(16), response.pieces(UNDERSTOOD_BODY // 16), strict=False):
                    pass
                self._answered = True
                return Answer(response.status, response.headers)
        except FAILURES as error:
            # Servers tell whose certificate they do not like by hanging up after the handshake; what they said with it
            # is lost when they do so while we still send.
            if isinstance(error, (HTTPException, *HUNG_UP)) and self._url.startswith("https") and not self._answered:
                raise tls_cut_short(self.peer) from error
            raise explain(error, self.peer, self._clock) from error

    def _offset_of(self, answer: Answer) -> int:
        text = answer.headers.get("Upload-Offset", "")
        if not text.isdecimal() or len(text) > LONGEST_NUMBER:
            raise self.peer.trouble(
                "refused", "{peer} does not say how far it is", "{peer} không cho biết đã nhận đến đâu"
            )
        return int(text)

    def _expect(self, answer: Answer, good: set[int]) -> None:
        status = answer.status
        if status in good and answer.tus:
            return
        wait_s = self._retry_after_s(answer)
        if wait_s is not None:
            raise Busy(wait_s)
        if status in {401, 403, 407}:
            raise self.peer.trouble("auth", "{peer} refuses the login", "{peer} từ chối đăng nhập")
        if status < 400:
            raise self.peer.trouble(
                "unreachable",
                f"something else answers in place of {{peer}} (HTTP {status}), perhaps a Wi-Fi log-in page",
                f"có hệ thống khác trả lời thay {{peer}} (HTTP {status}), có thể là trang đăng nhập Wi-Fi",
                Text(en="check the network and `upload.url`", vi="hãy kiểm tra mạng và `upload.url`"),
            )
        raise self.peer.trouble("refused", f"{{peer}} answers HTTP {status}", f"{{peer}} trả lời HTTP {status}")

    def _retry_after_s(self, answer: Answer) -> float | None:
        text = answer.headers.get("Retry-After", "")
        if answer.status not in {423, 429, 503} or (answer.status == 503 and not text):
            return None
        if text.isdecimal():
            return min(max(float(text), 1.0), RETRY_AFTER_CAP_S)
        try:
            date = email.utils.parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return BUSY_S.get(answer.status, 10.0)
        at_s = date.replace(tzinfo=date.tzinfo or timezone.utc).timestamp()
        return min(max(at_s - self._clock.now().wall_ns / 1e9, 1.0), RETRY_AFTER_CAP_S)


def _then(body: Iterator[bytes], done: Callable[[], None]) -> Iterator[bytes]:
    yield from body
    done()


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
