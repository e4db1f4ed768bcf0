"""Pictures of a codec that MP4 players do not know, encoded as H.264. Only where the configuration allows it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av
from av.codec.context import Flags

from agent.values import StreamFormat

if TYPE_CHECKING:  # generic in the stubs only
    AvPacket: TypeAlias = av.Packet[av.VideoStream]
else:
    AvPacket = av.Packet

ENCODER = "libx264"
KEY_EVERY_S = 2
DEFAULT_FPS = 15


class Encoder:
    """libx264 without delay: one packet per picture, so that footage and analysis stay side by side."""

    def __init__(self, picture: av.VideoFrame, time_base: Fraction, fps: float) -> None:
        context: av.VideoCodecContext = av.CodecContext.create(ENCODER, "w")  # type: ignore[assignment]  # it is video
        context.width, context.height, context.pix_fmt = picture.width, picture.height, "yuv420p"
        context.time_base = time_base
        context.framerate = Fraction(fps or DEFAULT_FPS).limit_denominator(1000)
        context.gop_size = max(1, round((fps or DEFAULT_FPS) * KEY_EVERY_S))
        context.thread_count = 1
        context.flags |= Flags.global_header
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26"}
        context.open()
        self._context = context
        self._last_pts: int | None = None
        self.format = StreamFormat("h264", picture.width, picture.height, time_base, context.extradata or b"")

    def fits(self, picture: av.VideoFrame) -> bool:
        """False when the camera changed its picture size."""
        return (picture.width, picture.height) == (self.format.width, self.format.height)

    def encode(self, picture: av.VideoFrame, pts: int) -> Iterator[AvPacket]:
        """The packets of one planar 4:2:0 picture; none when its stamp does not come after the last one."""
        if self._last_pts is not None and pts <= self._last_pts:
            return
        self._last_pts = pts
        picture.pts, picture.time_base = pts, self.format.time_base
        picture.pict_type = av.video.frame.PictureType.NONE  # else the encoder copies the camera's key frames
        yield from self._context.encode(picture)
