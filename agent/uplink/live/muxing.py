"""Coded pictures become FLV tags or RTP packets in memory, made by FFmpeg. Nothing of FFmpeg touches the network.

A stream is made from a template that was never opened, then told its format: the same on PyAV 17 to 19.
"""

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import av

from agent.values import StreamFormat

if TYPE_CHECKING:  # generic in the stubs only
    AvPacket: TypeAlias = av.Packet[av.VideoStream]
else:
    AvPacket = av.Packet

FLV = {"flvflags": "no_duration_filesize", "flush_packets": "1"}
FLV_HEADER = 13  # bytes before the first tag, and the length of the tag before it
TAG_HEADER, TAG_END = 11, 4
RTP_PACKET = 1200  # bytes; fits every line with TCP's and TLS's own
RTP = {"packetsize": str(RTP_PACKET)}


@dataclass(frozen=True, slots=True)
class Coded:
    """One picture, its stamps counted from the first one of the push, in the time base of its format."""

    pts: int
    dts: int
    duration: int
    key: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """One FLV tag: `kind` is RTMP's message kind too."""

    kind: int
    at_ms: int
    data: bytes = field(repr=False)


class Parts:
    """A file for FFmpeg that keeps each write apart."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        """As of a file."""
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def take(self) -> list[bytes]:
        """What was written since the last call."""
        parts, self._parts = self._parts, []
        return parts


class Muxer:
    """`kind` is flv or rtp. Raises av.FFmpegError."""

    def __init__(self, kind: str, form: StreamFormat, options: dict[str, str]) -> None:
        self._parts = Parts()
        self._container = av.open(self._parts, "w", format=kind, options=options)
        template = av.open(io.BytesIO(), "w", format="mp4").add_stream(form.codec)
        assert isinstance(template, av.VideoStream)
        self._stream = stream = self._container.add_stream_from_template(template)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = form.width, form.height, "yuv420p"
        context.extradata = form.extradata
        stream.time_base = self._time_base = form.time_base
        self._container.start_encoding()

    def put(self, picture: Coded) -> list[bytes]:
        """What FFmpeg wrote for one picture, in decoding order."""
        packet: AvPacket = av.Packet(picture.data)  # type: ignore[assignment]  # it is video
        packet.stream = self._stream
        packet.pts, packet.dts, packet.duration = picture.pts, picture.dts, picture.duration
        packet.time_base = self._time_base
        packet.is_keyframe = picture.key
        self._container.mux_one(packet)
        return self._parts.take()


class Tags:
    """FLV tags out of what FFmpeg writes ("Adobe Flash Video File Format Specification" 10.1, annex E)."""

    def __init__(self, form: StreamFormat) -> None:
        self._muxer = Muxer("flv", form, FLV)
        self._waiting = b""
        self._begun = False

    def of(self, picture: Coded) -> list[Tag]:
        """The tags of one picture; before the first one those that describe the stream."""
        self._waiting += b"".join(self._muxer.put(picture))
        if not self._begun:
            self._waiting, self._begun = self._waiting[FLV_HEADER:], True
        tags: list[Tag] = []
        while len(self._waiting) >= TAG_HEADER:
            head = self._waiting[:TAG_HEADER]
            length = int.from_bytes(head[1:4], "big")
            if len(self._waiting) < TAG_HEADER + length + TAG_END:
                break
            at_ms = int.from_bytes(head[4:7], "big") | head[7] << 24
            tags.append(Tag(head[0], at_ms, self._waiting[TAG_HEADER : TAG_HEADER + length]))
            self._waiting = self._waiting[TAG_HEADER + length + TAG_END :]
        return tags


class RtpPackets:
    """RTP packets of at most RTP_PACKET bytes, and RTCP sender reports among them."""

    def __init__(self, form: StreamFormat) -> None:
        self._muxer = Muxer("rtp", form, RTP)

    def of(self, picture: Coded) -> list[bytes]:
        """The packets of one picture."""
        return self._muxer.put(picture)
