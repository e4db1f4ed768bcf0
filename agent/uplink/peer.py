"""The other end of a connection, and what its failures mean to a person: socket, name and TLS errors made plain.

Works on whole exception chains, so it does not matter which library wrapped the cause. Addresses hold no passwords.
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from agent.clock import Clock
from agent.contract.base import utc
from agent.errors import LinkError
from agent.i18n import Text

X509_NOT_YET_VALID, X509_EXPIRED = 9, 10
X509_WRONG_HOST = {62, 64}  # name, IP address
OWN_CERTIFICATE = Text(
    en="check `tls.cert` and `tls.key`: missing, expired, or from another authority",
    vi="hãy kiểm tra `tls.cert` và `tls.key`: thiếu, hết hạn, hoặc do nơi khác cấp",
)
OWN_EXPIRED = Text(
    en="ask the ward for a new token and run `camera-agent enrol`; what waits for the ward is kept",
    vi="hãy xin phường mã đăng ký mới rồi chạy `camera-agent enrol`; dữ liệu chờ gửi vẫn được giữ",
)
# How the end of a connection looks whose other end did not say why, or whose words were lost when it hung up.
HUNG_UP = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ssl.SSLEOFError)
NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}


@dataclass(frozen=True, slots=True)
class Peer:
    """A server of the ward. `kind` is the first part of its fault codes."""

    kind: str  # broker, upload, authority
    name: Text
    host: str
    port: int

    def trouble(self, suffix: str, en: str, vi: str, hint: Text | None = None) -> LinkError:
        """An error about this peer; `{peer}` in the texts is its name with address."""
        address = f"{self.host}:{self.port}"
        text = Text(
            en=en.format(peer=f"{self.name.en} {address}", host=self.host),
            vi=vi.format(peer=f"{self.name.vi} {address}", host=self.host),
        )
        return LinkError(text, hint, code=f"{self.kind}_{suffix}")

    def nobody(self, en: str, vi: str, hint: Text | None = None) -> LinkError:
        """The way to this peer is shut: not a word came back."""
        error = self.trouble("unreachable", en, vi, hint)
        return LinkError(error.text, hint, code=error.code, silent=True)


def broker(host: str, port: int) -> Peer:
    """The ward's MQTT broker."""
    return Peer("broker", Text(en="the broker", vi="máy chủ MQTT"), host, port)


def upload_server(host: str, port: int) -> Peer:
    """The ward's tus server."""
    return Peer("upload", Text(en="the upload server", vi="máy chủ nhận clip"), host, port)


def authority(host: str, port: int) -> Peer:
    """The ward's certificate authority."""
    return Peer("authority", Text(en="the ward's authority", vi="máy chủ cấp chứng chỉ"), host, port)


def explain(error: BaseException, peer: Peer, clock: Clock) -> LinkError:
    """The error that a person may see for `error`, whatever library raised it."""
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _bad_certificate(cause, peer, clock)
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return tls_refused(cause.reason or str(cause), peer)
        if isinstance(cause, socket.gaierror):
            return peer.nobody(
                "the name {host} cannot be looked up (DNS)",
                "không tra được tên {host} (DNS)",
                Text(
                    en="check the network, the DNS server and the spelling of the name",
                    vi="hãy kiểm tra mạng, máy chủ DNS và tên đã ghi đúng chưa",
                ),
            )
        if isinstance(cause, ConnectionRefusedError):
            return peer.trouble(
                "unreachable",
                "{peer} refuses connections: nothing listens there",
                "{peer} từ chối kết nối: không có chương trình nào lắng nghe ở đó",
                Text(
                    en="check the address with its port, and that the server runs",
                    vi="hãy kiểm tra địa chỉ kèm cổng, và máy chủ có đang chạy",
                ),
            )
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            return peer.nobody(
                "there is no network to reach {peer}",
                "không có mạng để tới {peer}",
                Text(en="check cable, Wi-Fi and router", vi="hãy kiểm tra dây mạng, Wi-Fi và bộ định tuyến"),
            )
        if isinstance(cause, TimeoutError):
            return silent(peer)
    return lost(peer)


def silent(peer: Peer) -> LinkError:
    """No answer in time."""
    return peer.nobody("{peer} does not answer", "{peer} không trả lời")


def lost(peer: Peer) -> LinkError:
    """The connection ended."""
    return peer.trouble("unreachable", "the connection to {peer} was lost", "mất kết nối với {peer}")


def tls_cut_short(peer: Peer) -> LinkError:
    """It hung up after the TLS handshake, before its first word."""
    return peer.trouble(
        "tls",
        "{peer} ended the secure connection before answering",
        "{peer} ngắt kết nối an toàn trước khi trả lời",
        OWN_CERTIFICATE,
    )


def tls_refused(reason: str, peer: Peer) -> LinkError:
    """`reason` is OpenSSL's, for example TLSV13_ALERT_CERTIFICATE_REQUIRED."""
    reason = reason.upper().replace(" ", "_")
    if "ALERT" in reason and any(word in reason for word in ("CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED")):
        over, vi = ("has expired", "đã hết hạn") if "EXPIRED" in reason else ("was revoked", "đã bị thu hồi")
        return peer.trouble(
            "tls",
            f"{{peer}} does not let this node in: its certificate (`tls.cert`) {over}",
            f"{{peer}} không cho thiết bị này kết nối: chứng chỉ của thiết bị (`tls.cert`) {vi}",
            OWN_EXPIRED,
        )
    if "ALERT" in reason and any(word in reason for word in ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE", "ACCESS")):
        return peer.trouble(
            "tls",
            "{peer} does not accept this node's certificate",
            "{peer} không chấp nhận chứng chỉ của thiết bị này",
            OWN_CERTIFICATE,
        )
    if any(
        word in reason
        for word in ("WRONG_VERSION", "RECORD_LAYER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION")
    ):
        return peer.trouble(
            "tls",
            "{peer} does not speak TLS 1.2 or newer on this port",
            "{peer} không dùng TLS 1.2 trở lên ở cổng này",
            Text(en="check the port in the address", vi="hãy kiểm tra cổng trong địa chỉ"),
        )
    return peer.trouble(
        "tls",
        "no secure connection to {peer}: " + reason.lower(),
        "không lập được kết nối an toàn với {peer}: " + reason.lower(),
    )


def about_own_certificate(error: BaseException) -> bool:
    """Is it this node's own certificate that the other end does not like?"""
    return isinstance(error, LinkError) and error.hint in {OWN_CERTIFICATE, OWN_EXPIRED}


def _bad_certificate(error: ssl.SSLCertVerificationError, peer: Peer, clock: Clock) -> LinkError:
    today = utc(clock.now().wall_ns)[:10]
    clock_hint = Text(
        en=f"this node's clock says {today}: if that is wrong, the clock is the cause",
        vi=f"đồng hồ của thiết bị đang là {today}: nếu sai thì lỗi do đồng hồ",
    )
    if error.verify_code == X509_NOT_YET_VALID:
        return peer.trouble(
            "tls",
            f"the certificate of {{peer}} is not valid yet; the node's clock is probably wrong: {today}",
            f"chứng chỉ của {{peer}} chưa có hiệu lực; có lẽ đồng hồ của thiết bị bị sai: {today}",
            Text(
                en="check that a time server (NTP) is reachable, or set the clock: sudo date -s 'YYYY-MM-DD HH:MM'",
                vi="hãy kiểm tra kết nối tới máy chủ giờ (NTP), hoặc chỉnh giờ: sudo date -s 'NĂM-THÁNG-NGÀY GIỜ:PHÚT'",
            ),
        )
    if error.verify_code == X509_EXPIRED:
        return peer.trouble(
            "tls", "the certificate of {peer} has expired", "chứng chỉ của {peer} đã hết hạn", clock_hint
        )
    if error.verify_code in X509_WRONG_HOST:
        return peer.trouble(
            "tls",
            "the certificate of {peer} is for another host name, not {host}",
            "chứng chỉ của {peer} dành cho tên máy khác, không phải {host}",
            Text(en="use the name that the certificate has", vi="hãy dùng đúng tên máy ghi trong chứng chỉ"),
        )
    return peer.trouble(
        "tls",
        "the certificate of {peer} is from an authority that this node does not trust",
        "chứng chỉ của {peer} do nơi cấp mà thiết bị này không tin cậy",
        Text(en="check `tls.ca`", vi="hãy kiểm tra `tls.ca`"),
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
