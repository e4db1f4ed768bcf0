"""A stand-in ONVIF device on loopback: WS-Discovery over UDP, device and media services over HTTP, logins checked.

It shares no code with the agent. `hostile` replaces every SOAP answer.
"""

import base64
import hashlib
import socket
import struct
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:ter="http://www.onvif.org/ver10/error" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><SOAP-ENV:Body>'
)
TAIL = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
WSS = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
REFUSED = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode>"
    "<SOAP-ENV:Value>ter:NotAuthorized</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code></SOAP-ENV:Fault>"
)


@dataclass(frozen=True)
class Stream:
    token: str
    uri: str
    encoding: str = "H264"
    width: int = 640
    height: int = 360
    fps: int = 15
    input: str = "in-0"


@dataclass
class Device:
    """Starts on construction; `close()` ends it. What was asked is in `asked`, wrong logins in `refusals`."""

    streams: tuple[Stream, ...]
    login: tuple[str, str] | None = None
    http_digest: bool = False
    media2: bool = False
    old: bool = False  # knows no GetServices
    ahead: timedelta = timedelta()
    media_host: str = ""  # what its own addresses claim
    hostile: Callable[[BaseHTTPRequestHandler], None] | None = None
    asked: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        device = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if device.hostile is not None:
                    device.hostile(self)
                    return
                status, answer = device.answer(body, self.headers.get("Authorization", ""))
                data = (HEAD + answer + TAIL).encode()
                self.send_response(status)
                if status == 401 and device.http_digest:
                    self.send_header("WWW-Authenticate", 'Digest realm="cam", qop="auth", nonce="n0", algorithm=MD5')
                self.send_header("Content-Type", "application/soap+xml")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Whoever asked hung up, as it should on a hostile answer."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(30)

    @property
    def service(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    def answer(self, body: bytes, authorization: str) -> tuple[int, str]:
        root = ET.fromstring(body)
        asked = next(iter(root.find("{http://www.w3.org/2003/05/soap-envelope}Body") or ()))
        space, _, name = asked.tag[1:].partition("}")
        self.asked.append(name)
        media = f"http://{self.media_host or f'127.0.0.1:{self.port}'}/onvif"
        if name == "GetSystemDateAndTime":
            return 200, self.date()
        if name == "GetServices" and not self.old:
            listed = [("http://www.onvif.org/ver10/media/wsdl", f"{media}/media")]
            listed += [("http://www.onvif.org/ver20/media/wsdl", f"{media}/media2")] if self.media2 else []
            rows = "".join(
                f"<tds:Service><tds:Namespace>{each}</tds:Namespace><tds:XAddr>{url}</tds:XAddr></tds:Service>"
                for each, url in listed
            )
            return 200, f"<tds:GetServicesResponse>{rows}</tds:GetServicesResponse>"
        if name == "GetCapabilities":
            return 200, (
                "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
                f"<tt:XAddr>{media}/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>"
            )
        if name == "GetServices":
            return 400, "<SOAP-ENV:Fault><SOAP-ENV:Code>ter:ActionNotSupported</SOAP-ENV:Code></SOAP-ENV:Fault>"
        if self.login is not None:
            why = self.http_refusal(authorization) if self.http_digest else self.refusal(root)
            if why:
                self.refusals.append(why)
                return (401 if self.http_digest else 400), REFUSED
        return 200, self.media(name, asked, second="ver20" in space)

    def media(self, name: str, asked: ET.Element, second: bool) -> str:
        if name == "GetProfiles":
            return f"<trt:GetProfilesResponse>{''.join(profile(each, second) for each in self.streams)}" + (
                "</trt:GetProfilesResponse>"
            )
        token = next(element.text for element in asked.iter() if element.tag.endswith("}ProfileToken"))
        uri = next(each.uri for each in self.streams if each.token == token)
        uri = uri.replace("&", "&amp;")
        if second:
            return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def date(self) -> str:
        at = self.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second>"
            f"</tt:Time><tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day>"
            "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead

    def refusal(self, root: ET.Element) -> str:
        """Why this UsernameToken is not good enough, or ""."""
        assert self.login is not None
        token = root.find(f".//{WSS}UsernameToken")
        if token is None:
            return "none"
        name, password = token.findtext(f"{WSS}Username"), token.find(f"{WSS}Password")
        nonce, created = token.findtext(f"{WSS}Nonce") or "", token.findtext(f"{WSU}Created") or ""
        assert password is not None
        if not (password.get("Type") or "").endswith("#PasswordDigest"):
            return "plain"
        if nonce in self.nonces or len(base64.b64decode(nonce)) < 8:
            return "nonce"
        self.nonces.add(nonce)
        at = datetime.strptime(created, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        if abs(at - self.now()) > timedelta(minutes=2):
            return "clock"
        digest = hashlib.sha1(base64.b64decode(nonce) + created.encode() + self.login[1].encode()).digest()
        good = name == self.login[0] and password.text == base64.b64encode(digest).decode()
        return "" if good else "digest"

    def http_refusal(self, authorization: str) -> str:
        assert self.login is not None
        if not authorization.startswith("Digest "):
            return "none"
        told = dict(part.strip().split("=", 1) for part in authorization[7:].split(","))
        told = {key: value.strip('"') for key, value in told.items()}
        a1 = hashlib.md5(f"{self.login[0]}:cam:{self.login[1]}".encode()).hexdigest()
        a2 = hashlib.md5(f"POST:{told['uri']}".encode()).hexdigest()
        wanted = hashlib.md5(f"{a1}:n0:{told['nc']}:{told['cnonce']}:auth:{a2}".encode()).hexdigest()
        return "" if told["response"] == wanted else "digest"


def profile(stream: Stream, second: bool) -> str:
    size = f"<tt:Width>{stream.width}</tt:Width><tt:Height>{stream.height}</tt:Height>"
    encoder = (
        f"<tt:Encoding>{stream.encoding}</tt:Encoding><tt:Resolution>{size}</tt:Resolution>"
        f"<tt:RateControl><tt:FrameRateLimit>{stream.fps}</tt:FrameRateLimit></tt:RateControl>"
    )
    source = f"<tt:SourceToken>{stream.input}</tt:SourceToken>"
    if second:
        return (
            f'<tr2:Profiles token="{stream.token}"><tr2:Name>p</tr2:Name><tr2:Configurations>'
            f"<tr2:VideoSource>{source}</tr2:VideoSource><tr2:VideoEncoder>{encoder}</tr2:VideoEncoder>"
            "</tr2:Configurations></tr2:Profiles>"
        )
    return (
        f'<trt:Profiles token="{stream.token}"><tt:Name>p</tt:Name>'
        f"<tt:VideoSourceConfiguration>{source}</tt:VideoSourceConfiguration>"
        f"<tt:VideoEncoderConfiguration>{encoder}</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Good%20Cam onvif://www.onvif.org/hardware/GC-1"
)


def match(xaddrs: str, scopes: str = SCOPES, types: str = "dn:NetworkVideoTransmitter") -> bytes:
    """A ProbeMatches message."""
    return (
        f"{HEAD}<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address>"
        f"</a:EndpointReference><d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs>"
        f"<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>{TAIL}"
    ).encode()


class Answerer:
    """Answers WS-Discovery probes on loopback, by multicast or to its own address, with all of `answers` at once."""

    def __init__(self, answers: tuple[bytes, ...], group: str = "") -> None:
        self.answers = answers
        self.heard: list[bytes] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((group or "127.0.0.1", 0))
        if group:
            member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton("127.0.0.1"))
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            self.replies = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.replies.bind(("127.0.0.1", 0))
        else:
            self.replies = self.socket.dup()
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            data, whence = self.socket.recvfrom(65_535)
            if data == b"end":
                return
            self.heard.append(data)
            for answer in self.answers:
                self.replies.sendto(answer, whence)

    def __enter__(self) -> "Answerer":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            ending.sendto(b"end", self.socket.getsockname())
        self.thread.join(30)
        self.socket.close()
        self.replies.close()
