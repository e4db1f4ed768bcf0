"""Where the ward looks at pictures: the address of the configuration in parts, and what can go wrong there in words."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from agent.errors import LinkError
from agent.i18n import Text
from agent.uplink.peer import Peer

PORTS = {"rtmp": 1935, "rtmps": 443, "rtsp": 554, "rtsps": 322}
LONGEST_WORDS = 120
SEE_LOG = Text(
    en="ask the ward to look at the media server's log", vi="nhờ phường xem nhật ký của máy chủ hình trực tiếp"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A media server; `path` without slashes around it, for RTMP the application."""

    protocol: Literal["rtmp", "rtsp"]
    secure: bool
    host: str
    port: int
    path: str

    @property
    def peer(self) -> Peer:
        """For errors."""
        return Peer("live", Text(en="the media server", vi="máy chủ hình trực tiếp"), self.host, self.port)

    @property
    def address(self) -> str:
        """As configured, always with its port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}{'s' if self.secure else ''}://{host}:{self.port}/{self.path}"

    def takes(self, codec: str) -> bool:
        """Can the camera's own stream be pushed there? FLV as RTMP servers know it has no H.265."""
        return codec == "h264" or (codec == "hevc" and self.protocol == "rtsp")


def server_of(url: str) -> Server:
    """The parts of a checked address."""
    parts = urlsplit(url)
    secure = parts.scheme.endswith("s")
    return Server(
        "rtmp" if parts.scheme.startswith("rtmp") else "rtsp",
        secure,
        parts.hostname or "",
        parts.port or PORTS[parts.scheme],
        parts.path.strip("/"),
    )


def refused(peer: Peer, said: str) -> LinkError:
    """It does not let this picture in; `said` is the server's own word."""
    words = "".join(letter if letter.isprintable() else " " for letter in said)[:LONGEST_WORDS].strip()
    told = f": {words}" if words else ""
    # The words may hold braces, which the peer's texts would read as places to fill in.
    told = told.replace("{", "(").replace("}", ")")
    return peer.trouble(
        "refused", f"{{peer}} does not take the picture{told}", f"{{peer}} không nhận hình{told}", SEE_LOG
    )


def not_understood(peer: Peer) -> LinkError:
    """What answers there is no media server, or another kind of one."""
    return peer.trouble(
        "refused",
        "what answers at {peer} is not a media server of the configured kind",
        "nơi trả lời tại {peer} không phải máy chủ hình trực tiếp đúng loại đã cấu hình",
        Text(en="check scheme and port of `live.url`", vi="hãy kiểm tra giao thức và cổng trong `live.url`"),
    )
