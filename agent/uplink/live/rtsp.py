"""Publishing over RTSP 1.0 (RFC 2326): ANNOUNCE, SETUP over the same connection, RECORD, then RTP between the words.

What is sent is told by SDP (RFC 4566, RFC 6184 for H.264, RFC 7798 for H.265). Spoken with GStreamer's server in tests.
"""

import base64
from dataclasses import dataclass

from agent.uplink.live.muxing import Coded, RtpPackets
from agent.uplink.live.pipe import Pipe
from agent.uplink.live.server import Server, not_understood, refused
from agent.uplink.live.sets import HEVC_NAMES, SPS, kind_of, parameter_sets
from agent.uplink.peer import silent
from agent.values import StreamFormat

ANSWER_S = 8.0
LONGEST = 65_536  # bytes of an answer in words
TIMEOUT_S = 60.0  # of a session that does not tell its own (RFC 2326, 12.37)
RTP_CHANNEL, RTCP_CHANNEL = 0, 1
RTCP = range(200, 208)  # second byte of a packet (RFC 3550, 12.1; RFC 5761)
PAYLOAD = 96


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an RTSP answer; names of fields in small letters."""

    status: int
    reason: str
    fields: dict[str, str]


class RtspPush:
    """One announced stream called `name`. Raises LinkError, and what the pipe raises."""

    def __init__(self, server: Server, name: str, pipe: Pipe) -> None:
        self._name = name
        self._url = f"{server.address.rstrip('/')}/{name}"
        self._pipe = pipe
        self._waiting = b""
        self._number = 0
        self._session = ""
        self._alive_every_s = TIMEOUT_S / 2
        self._packets: RtpPackets | None = None
        self._sent_s = 0.0  # of the stream, when the server was last told that we are here

    def open(self, form: StreamFormat) -> None:
        """Until the server records."""
        self._pipe.open()
        body = description(self._name, form).encode()
        self._ask("ANNOUNCE", self._url, {"Content-Type": "application/sdp"}, body)
        transport = f"RTP/AVP/TCP;unicast;interleaved={RTP_CHANNEL}-{RTCP_CHANNEL};mode=record"
        answer = self._ask("SETUP", f"{self._url}/streamid=0", {"Transport": transport})
        session, *parameters = answer.fields.get("session", "").split(";")
        self._session = session.strip()
        for parameter in parameters:
            key, _, value = parameter.strip().partition("=")
            if key == "timeout" and value.isdecimal() and int(value[:6]) >= 4:
                self._alive_every_s = int(value[:6]) / 2
        self._ask("RECORD", self._url, {"Range": "npt=0.000-"})
        self._packets = RtpPackets(form)
        self._base = form.time_base

    def put(self, picture: Coded) -> None:
        """Send one picture."""
        assert self._packets is not None, "open() comes first"
        framed = b""
        for packet in self._packets.of(picture):
            channel = RTCP_CHANNEL if packet[1] in RTCP else RTP_CHANNEL
            framed += b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + packet
        self._pipe.send(framed)
        at_s = float(picture.dts * self._base)
        if at_s - self._sent_s > self._alive_every_s:
            self._sent_s = at_s
            self._say("OPTIONS", self._url, {}, b"")

    def listen(self) -> None:
        """Hear what the server says meanwhile, without waiting."""
        while data := self._pipe.receive(0.0):
            self._waiting += data
            while (answer := self._next()) is not None:
                if answer.status >= 300 and answer.status not in (405, 501):  # some do not know OPTIONS in a session
                    raise refused(self._pipe.peer, f"{answer.status} {answer.reason}")

    def bye(self) -> None:
        """Say that it is over, if the line takes it at once."""
        self._pipe.last_word(self._request("TEARDOWN", self._url, {}, b""))

    def _ask(self, method: str, url: str, fields: dict[str, str], body: bytes = b"") -> Answer:
        self._say(method, url, fields, body)
        while True:
            data = self._pipe.receive(ANSWER_S)
            if not data:
                raise silent(self._pipe.peer)
            self._waiting += data
            answer = self._next()
            if answer is None:
                continue
            if answer.status != 200:
                raise refused(self._pipe.peer, f"{answer.status} {answer.reason}")
            return answer

    def _say(self, method: str, url: str, fields: dict[str, str], body: bytes) -> None:
        self._pipe.send(self._request(method, url, fields, body))

    def _request(self, method: str, url: str, fields: dict[str, str], body: bytes) -> bytes:
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: camera-agent"]
        if self._session:
            lines.append(f"Session: {self._session}")
        lines += [f"{name}: {value}" for name, value in fields.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _next(self) -> Answer | None:
        """The next whole answer; what comes between the words (the server's RTCP) is left out."""
        while self._waiting[:1] == b"$":
            if len(self._waiting) < 4:
                return None
            end = 4 + int.from_bytes(self._waiting[2:4], "big")
            if len(self._waiting) < end:
                return None
            self._waiting = self._waiting[end:]
        if self._waiting and not b"RTSP/1.0 ".startswith(self._waiting[:9]):
            raise not_understood(self._pipe.peer)
        head, mark, rest = self._waiting.partition(b"\r\n\r\n")
        if not mark:
            if len(self._waiting) > LONGEST:
                raise not_understood(self._pipe.peer)
            return None
        answer = _answer(head.decode(errors="replace"))
        if answer is None:
            raise not_understood(self._pipe.peer)
        told = answer.fields.get("content-length", "0")
        length = int(told) if told.isdecimal() and len(told) < 6 else 0
        if len(rest) < length:
            return None
        self._waiting = rest[length:]
        return answer


def description(name: str, form: StreamFormat) -> str:
    """The SDP of one video stream."""
    codec = "H265" if form.codec == "hevc" else "H264"
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=tool:camera-agent",
        f"m=video 0 RTP/AVP {PAYLOAD}",
        f"a=rtpmap:{PAYLOAD} {codec}/90000",
        f"a=fmtp:{PAYLOAD} {_parameters(form)}",
        "a=control:streamid=0",
    )
    return "\r\n".join((*lines, ""))


def _parameters(form: StreamFormat) -> str:
    units = parameter_sets(form)
    if form.codec == "hevc":
        told = {name: unit for unit in units if (name := HEVC_NAMES.get(kind_of("hevc", unit)))}
        return "; ".join(f"{name}={base64.b64encode(unit).decode()}" for name, unit in told.items())
    sets = ",".join(base64.b64encode(unit).decode() for unit in units)
    first = next((unit for unit in units if kind_of("h264", unit) == SPS), b"")
    profile = f"; profile-level-id={first[1:4].hex().upper()}" if len(first) >= 4 else ""
    return f"packetization-mode=1; sprop-parameter-sets={sets}{profile}"


def _answer(head: str) -> Answer | None:
    first, *lines = head.split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[1].isdecimal() or len(words[1]) != 3:
        return None
    fields = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    return Answer(int(words[1]), words[2] if len(words) > 2 else "", fields)
