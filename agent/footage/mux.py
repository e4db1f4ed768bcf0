"""Packets into MP4 without an encoder, and back: the only place where footage touches the muxer.

A stream is made from a template that was never opened, then told its format: the same on PyAV 17 to 19.
"""

import errno
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av

from agent.footage.boxes import is_whole
from agent.values import StreamFormat

if TYPE_CHECKING:  # generic in the stubs only
    from agent.footage.cipher import Clear, Sink

    AvPacket: TypeAlias = av.Packet[av.VideoStream]
else:
    AvPacket = av.Packet

# Each group of pictures becomes readable as soon as the next one begins, so that a crash costs one group.
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
PLAIN = {"movflags": "faststart", "fflags": "+bitexact"}  # the same footage always gives the same bytes
PLAYED_TAGS = {"hevc": "hvc1"}  # FFmpeg's own choice, hev1, is not played by Apple's players
QUICKLY = {"skip_frame": "all"}  # the header tells everything: opening need not decode a picture
LEAP_S = 3600  # no picture is that far from the one before it: the file is damaged there
MOST_TICKS = 2**31 - 1  # that FFmpeg puts between two pictures
NEARLY_NOTHING = 4_000_000  # bytes; less free space than this explains a torn file


@dataclass(frozen=True, slots=True)
class Piece:
    """One encoded picture in the time base of its file."""

    pts: int
    dts: int
    duration: int
    key: bool
    data: bytes = field(repr=False)


def plain_within(header: int) -> dict[str, str]:
    """PLAIN, but written once: the header gets its place at the beginning, and closing fails when it needs more."""
    return {"moov_size": str(header), "fflags": "+bitexact"}


class Muxer:
    """An MP4 file being written, or (FRAGMENTED only) what a sink takes in its place, whose end is its owner's.

    Raises av.FFmpegError; `close` too.
    """

    def __init__(self, target: "Path | Sink", form: StreamFormat, options: dict[str, str], comment: str = "") -> None:
        self._path = target if isinstance(target, Path) else None
        file = str(target) if isinstance(target, Path) else target
        self._container = av.open(file, "w", format="mp4", options=options)
        if comment:
            self._container.metadata["comment"] = comment
        template = av.open(io.BytesIO(), "w", format="mp4").add_stream(form.codec)
        assert isinstance(template, av.VideoStream)
        self._stream = stream = self._container.add_stream_from_template(template)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = form.width, form.height, "yuv420p"
        if form.extradata:
            context.extradata = form.extradata
        if form.codec in PLAYED_TAGS:
            context.codec_tag = PLAYED_TAGS[form.codec]
        stream.time_base = self._time_base = form.time_base
        self._container.start_encoding()

    def write(self, piece: Piece) -> None:
        """One picture, in decoding order."""
        packet = av.Packet(piece.data)
        packet.stream = self._stream
        packet.pts, packet.dts, packet.duration = piece.pts, piece.dts, piece.duration
        packet.time_base = self._time_base
        packet.is_keyframe = piece.key
        self._container.mux(packet)

    def close(self) -> None:
        """Write what is pending and the end. Raises OSError when the disk took only a part: FFmpeg may not tell."""
        self._container.close()
        if self._path is not None and not is_whole(self._path):
            disk = os.statvfs(self._path)
            full = disk.f_bavail * disk.f_frsize < NEARLY_NOTHING
            code = errno.ENOSPC if full else errno.EIO
            raise OSError(code, os.strerror(code), str(self._path))


class Opened:
    """An MP4 file being read, or the clear bytes of one, then closed too. Raises av.FFmpegError. Use with `with`."""

    def __init__(self, source: "Path | Clear") -> None:
        self._clear = None if isinstance(source, Path) else source
        try:
            file = str(source) if isinstance(source, Path) else source
            self._container = av.open(file, "r", format="mp4", options=QUICKLY, metadata_errors="replace")
        except av.FFmpegError:
            self._let_go()
            raise
        if not self._container.streams.video or self._container.streams.video[0].codec_context is None:
            self.__exit__()
            raise av.error.InvalidDataError(0, "no video", str(source))
        self._stream = self._container.streams.video[0]

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()
        self._let_go()

    @property
    def format(self) -> StreamFormat:
        """As it stands in the file: extradata length-prefixed, whatever the camera sent."""
        context, base = self._stream.codec_context, self._stream.time_base
        assert base is not None
        exact = Fraction(base.numerator, base.denominator)
        return StreamFormat(context.name, context.width, context.height, exact, context.extradata or b"")

    @property
    def comment(self) -> str:
        """The label that the writer put in."""
        return str(self._container.metadata.get("comment", ""))

    def pieces(self) -> Iterator[Piece]:
        """All pictures in decoding order, to the end or to where the file is damaged."""
        most = min(float(LEAP_S / self.format.time_base), float(MOST_TICKS))
        last_dts: int | None = None
        try:
            for packet in self._container.demux(self._stream):
                if packet.dts is not None and packet.pts is not None and packet.size:
                    before, last_dts = packet.dts if last_dts is None else last_dts, packet.dts
                    if max(abs(packet.dts - before), abs(packet.pts - packet.dts), packet.duration or 0) > most:
                        return
                    yield Piece(packet.pts, packet.dts, packet.duration or 0, bool(packet.is_keyframe), bytes(packet))
        except av.FFmpegError:
            return

    def first_picture(self) -> bool:
        """Does the file begin with a picture that can be decoded? Reading starts over afterwards."""
        self._stream.codec_context.thread_count = 1
        try:
            found = next(self._container.decode(self._stream), None) is not None
            self._container.seek(0)
        except av.FFmpegError:
            return False
        return found

    def _let_go(self) -> None:
        if self._clear is not None:
            self._clear.close()
