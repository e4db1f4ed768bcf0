"""EST (RFC 7030), the client's side: the authority's certificates, a first certificate, the next one.

Knows nothing of keys and certificates: requests (PKCS#10) and answers (PKCS#7) are DER, passed through.
"""

import base64
import binascii
import ssl
import threading
from urllib.parse import urlsplit

from agent.clock import Clock
from agent.errors import LinkError
from agent.i18n import Text
from agent.uplink.dial import Guard
from agent.uplink.http import FAILURES, HttpClient, Response, basic
from agent.uplink.login import Login
from agent.uplink.peer import Peer, authority, explain

PATH = "/.well-known/est"
PORT = 443
WHOLE_S = 60.0  # one question with its answer
CONNECT_S = 15.0
ANSWER_BYTES = 65_536
PKCS10 = {"Content-Type": "application/pkcs10", "Content-Transfer-Encoding": "base64"}
ASK_TOKEN = Text(
    en="ask the ward for a new token for this node's id",
    vi="hãy xin phường mã đăng ký mới cho đúng mã thiết bị này",
)
# The first word of a refusal, as deploy/ward/ca says it: what it means for a person, and what to do.
REFUSALS: dict[str, tuple[Text, Text]] = {
    "token_wrong": (
        Text(en="the token is wrong, or it is another node's", vi="mã đăng ký sai, hoặc là của thiết bị khác"),
        Text(
            en="copy the whole token, and compare `node.id` with the node that it was made for",
            vi="hãy chép đủ cả mã, và so `node.id` với thiết bị được cấp mã",
        ),
    ),
    "token_used": (Text(en="the token has been used already", vi="mã đăng ký đã được dùng rồi"), ASK_TOKEN),
    "token_expired": (Text(en="the token has expired", vi="mã đăng ký đã hết hạn"), ASK_TOKEN),
    "already_enrolled": (
        Text(en="a node with this id is enrolled already", vi="đã có thiết bị đăng ký với mã thiết bị này"),
        Text(
            en="is `node.id` this node's own? If it is, ask the ward for a token that replaces its certificate",
            vi="`node.id` có đúng của thiết bị này không? Nếu đúng, hãy xin phường mã đăng ký thay thế",
        ),
    ),
    "wrong_name": (
        Text(en="the authority does not take this node's id", vi="máy chủ cấp chứng chỉ không nhận mã thiết bị này"),
        Text(en="compare `node.id` with what the ward has", vi="hãy so `node.id` với mã mà phường đã ghi"),
    ),
    "revoked": (
        Text(en="the ward has revoked this node's certificate", vi="phường đã thu hồi chứng chỉ của thiết bị này"),
        ASK_TOKEN,
    ),
    "unknown_certificate": (
        Text(
            en="the authority did not issue this node's certificate",
            vi="chứng chỉ của thiết bị không do máy chủ này cấp",
        ),
        Text(
            en="check the address in `tls.renew`, or enrol the node again",
            vi="hãy kiểm tra địa chỉ ở `tls.renew`, hoặc đăng ký lại thiết bị",
        ),
    ),
    "too_often": (
        Text(en="the authority gets too many requests from here", vi="máy chủ cấp chứng chỉ nhận quá nhiều yêu cầu"),
        Text(en="try again in a minute", vi="hãy thử lại sau một phút"),
    ),
}
UNAUTHORISED = (
    Text(en="the authority does not accept the token", vi="máy chủ cấp chứng chỉ không chấp nhận mã đăng ký"),
    Text(
        en="it may be mistyped, used or expired, or another node's; ask the ward for a new one",
        vi="mã có thể bị gõ sai, đã dùng, hết hạn, hoặc của thiết bị khác; hãy xin phường mã mới",
    ),
)
WAITING = (
    Text(en="the ward has not agreed yet", vi="phường chưa duyệt"),
    Text(en="run the same command again later", vi="hãy chạy lại lệnh này sau"),
)
NO_SUCH_SERVICE = Text(
    en="is this the address of the authority (EST), with its port?",
    vi="đây có đúng là địa chỉ máy chủ cấp chứng chỉ (EST), kèm cổng không?",
)


class EstClient:
    """One authority. Raises LinkError in words; nothing is tried twice. Use as a context manager."""

    def __init__(self, url: str, context: ssl.SSLContext, clock: Clock) -> None:
        parts = urlsplit(url)
        self._url = url.rstrip("/") + ("" if parts.path.startswith(PATH) else PATH)  # a label may follow (3.2.2)
        self._clock = clock
        self.peer: Peer = authority(parts.hostname or "", parts.port or PORT)
        self._guard = Guard(threading.Event(), clock)
        self._http = HttpClient(context, self._guard, clock, timeout_s=WHOLE_S, connect_s=CONNECT_S, headers={})

    def __enter__(self) -> "EstClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def authorities(self) -> bytes:
        """cacerts: PKCS#7, DER."""
        return self._ask("GET", "cacerts")

    def first(self, request: bytes, login: Login) -> bytes:
        """simpleenroll: PKCS#7 for a PKCS#10, both DER."""
        return self._ask("POST", "simpleenroll", request, login)

    def next(self, request: bytes) -> bytes:
        """simplereenroll, as who the context's certificate says."""
        return self._ask("POST", "simplereenroll", request)

    def _ask(self, method: str, what: str, request: bytes | None = None, login: Login | None = None) -> bytes:
        self._guard.allow(WHOLE_S)
        content = base64.b64encode(request) if request is not None else b""
        headers = (PKCS10 if content else {}) | (basic(login) if login else {})
        try:
            with self._http.stream(method, f"{self._url}/{what}", headers, content) as answer:
                body = self._body(answer)
        except FAILURES as error:
            raise explain(error, self.peer, self._clock) from error
        if answer.status != 200:
            raise self._refusal(answer.status, body)
        try:
            return base64.b64decode(b"".join(body.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._nonsense() from error

    def _body(self, answer: Response) -> bytes:
        body = b""
        for piece in answer.pieces(ANSWER_BYTES // 4):
            body += piece
            if len(body) > ANSWER_BYTES:
                raise self._nonsense()
        return body

    def _nonsense(self) -> LinkError:
        return self.peer.trouble(
            "refused",
            "what {peer} answers is no certificate",
            "{peer} không trả về chứng chỉ",
            NO_SUCH_SERVICE,
        )

    def _refusal(self, status: int, body: bytes) -> LinkError:
        word = body[:64].decode("ascii", "replace").partition(":")[0].strip()
        text, hint = REFUSALS.get(word, (None, None))
        if text is None and status in {202, 401}:
            text, hint = WAITING if status == 202 else UNAUTHORISED
        if text is not None:
            return self.peer.trouble("refused", f"{{peer}}: {text.en}", f"{{peer}}: {text.vi}", hint)
        told = f"HTTP {status}" + (f", {word}" if word.isidentifier() else "")
        return self.peer.trouble(
            "refused",
            f"{{peer}} refuses ({told})",
            f"{{peer}} từ chối ({told})",
            NO_SUCH_SERVICE if status in {404, 405} else None,
        )
