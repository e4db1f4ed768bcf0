"""What a clip holds, group of pictures by group of pictures, as it is demuxed from the finished file.

A hash binds the stamps, the key flag, the length and the bytes of every picture. Stamps count from the group's first
picture, so that a group that was moved is still known; where it stands is told beside.
"""

import hashlib
import struct
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av

if TYPE_CHECKING:  # generic in the stubs only
    AvPacket: TypeAlias = av.Packet[av.VideoStream]
else:
    AvPacket = av.Packet

PICTURE = struct.Struct(">qqqBQ")  # pts, dts, duration in ticks; key; length


@dataclass(frozen=True, slots=True)
class Gop:
    """`at` and `ticks` in the file's time base, from the clip's first picture."""

    sha256: str
    at: int
    pictures: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """All of a clip but its container."""

    codec: str
    width: int
    height: int
    time_base: str
    extradata_sha256: str
    ticks: int  # to the end of the last picture
    gops: tuple[Gop, ...]

    def ns(self, ticks: int) -> int:
        """Nanoseconds of so many ticks."""
        numerator, denominator = (int(part) for part in self.time_base.split("/"))
        return ticks * 10**9 * numerator // denominator


class _Group:
    def __init__(self, pts: int) -> None:
        self.pts = pts
        self.pictures = self.bytes = 0
        self._digest = hashlib.sha256()

    def add(self, packet: AvPacket, duration: int) -> None:
        assert packet.pts is not None and packet.dts is not None
        stamps = (packet.pts - self.pts, packet.dts - self.pts, duration)
        self._digest.update(PICTURE.pack(*stamps, int(packet.is_keyframe), packet.size))
        self._digest.update(memoryview(packet))
        self.pictures += 1
        self.bytes += packet.size

    def gop(self, first_pts: int) -> Gop:
        return Gop(self._digest.hexdigest(), self.pts - first_pts, self.pictures, self.bytes)


def read_content(source: Path | RawIOBase) -> Content:
    """Of a file, or of the clear bytes of one.

    Raises av.FFmpegError, OSError, and ValueError when there is no video in it.
    """
    groups: list[_Group] = []
    held: AvPacket | None = None
    end = 0
    file = str(source) if isinstance(source, Path) else source
    # A clip is an MP4. FFmpeg would also take a playlist for one, and open what that names.
    with av.open(file, format="mp4", options={"skip_frame": "all"}, metadata_errors="replace") as container:
        if len(container.streams.video) != 1:
            raise ValueError("not one video stream")
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None or not packet.size:
                continue
            if held is not None:
                # How long the last picture of a group is shown is told by where the next group stands.
                groups[-1].add(held, 0 if packet.is_keyframe else held.duration or 0)
            if packet.is_keyframe or not groups:
                groups.append(_Group(packet.pts))
            end = max(end, packet.pts + (packet.duration or 0))
            held = packet
        if held is None:
            raise ValueError("no picture in it")
        groups[-1].add(held, 0)
        context, base = stream.codec_context, stream.time_base
        if context is None or base is None:
            raise ValueError("no codec that is known")
        extradata = hashlib.sha256(context.extradata or b"").hexdigest()
        first = groups[0].pts
        return Content(
            context.name,
            context.width,
            context.height,
            f"{base.numerator}/{base.denominator}",
            extradata,
            end - first,
            tuple(group.gop(first) for group in groups),
        )
