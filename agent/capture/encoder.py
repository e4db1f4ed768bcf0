"""Pictures become H.264: planar 4:2:0 pictures and their stamps go in, Annex B packets come out, at once or nearly so.

Which encoder is decided in `encoder_choice.py`, how much CPU it may take in `encoder_budget.py`.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av
from av.codec.context import Flags

from agent.capture.encoder_choice import HARDWARE
from agent.capture.parameters import parameter_sets
from agent.values import StreamFormat

if TYPE_CHECKING:  # generic in the stubs only
    AvPacket: TypeAlias = av.Packet[av.VideoStream]
else:
    AvPacket = av.Packet

KEY_EVERY_S = 2
DEFAULT_FPS = 15
BITS_PER_PIXEL = 0.1  # for a chip, which is told a bit rate
IN_FLIGHT = 32  # pictures a chip may hold
FULL_RANGE = 2  # AVCOL_RANGE_JPEG
PICTURE, KEY = av.video.frame.PictureType.NONE, av.video.frame.PictureType.I


class Encoder:
    """The encoder called `name`, for pictures like `picture`. Raises av.FFmpegError, also while encoding.

    `kbps`: of a line that carries no more; None: as many as the picture needs.
    libx264 gives one packet per picture, so that footage and analysis stay side by side; a chip holds a few back.
    """

    def __init__(
        self, name: str, picture: av.VideoFrame, time_base: Fraction, fps: float, kbps: int | None = None
    ) -> None:
        rate = Fraction(fps or DEFAULT_FPS).limit_denominator(1000)
        context: av.VideoCodecContext = av.CodecContext.create(name, "w")  # type: ignore[assignment]  # it is video
        context.width, context.height = picture.width, picture.height
        context.time_base, context.framerate = time_base, rate
        context.thread_count = 1
        if name == HARDWARE:
            context.pix_fmt = "yuv420p"
            needed = round(BITS_PER_PIXEL * picture.width * picture.height * rate)
            context.bit_rate = needed if kbps is None else kbps * 1000
            context.gop_size = max(1, round(rate * KEY_EVERY_S))  # not every chip makes a key frame when asked to
        else:
            _set_software(context, picture, rate, kbps)
        context.open()
        self.name = name
        self._context = context
        self._stamps: deque[int] = deque(maxlen=IN_FLIGHT)  # of pictures whose packet has not come yet
        self._last_pts: int | None = None
        self._last_key: int | None = None
        self._key_ticks = int((KEY_EVERY_S - 1 / (2 * rate)) / time_base)
        self._head = b""  # parameter sets that came without a picture
        self.format = StreamFormat("h264", picture.width, picture.height, time_base, context.extradata or b"")

    def fits(self, picture: av.VideoFrame) -> bool:
        """False when the camera changed its picture size."""
        return (picture.width, picture.height) == (self.format.width, self.format.height)

    def encode(self, picture: av.VideoFrame, pts: int) -> Iterator[AvPacket]:
        """The packets of one planar 4:2:0 picture; none when its stamp does not come after the last one.

        A key frame every `KEY_EVERY_S` of stream time, however many pictures are left out. `format` has the parameter
        sets from the first packet on.
        """
        if self._last_pts is not None and pts <= self._last_pts:
            return
        key = self._last_key is None or pts - self._last_key >= self._key_ticks
        if key:
            self._last_key = pts
        self._last_pts = pts
        self._stamps.append(pts)
        picture.pts, picture.time_base = pts, self.format.time_base
        picture.pict_type = KEY if key else PICTURE  # else the encoder copies the camera's key frames
        for packet in self._context.encode(picture):
            whole = self._whole(packet)
            if whole is not None:
                yield whole

    def _whole(self, packet: AvPacket) -> AvPacket | None:
        # Chips put the parameter sets into the stream: some before the first picture, some as a packet of their own.
        if self.name != HARDWARE and self.format.extradata:
            return packet
        data = self._head + bytes(packet)
        sets = parameter_sets("h264", data)
        if sets is not None and not self.format.extradata:
            old = self.format
            self.format = StreamFormat(old.codec, old.width, old.height, old.time_base, sets.extradata)
        if sets is not None and sets.extradata == data:
            self._head = data
            return None
        self._head = b""
        return self._stamped(data, packet)

    def _stamped(self, data: bytes, packet: AvPacket) -> AvPacket:
        # A chip's driver counts in microseconds: the stamp is put back to the one the picture came with.
        told = packet.pts or 0
        pts = min(self._stamps, key=lambda stamp: abs(stamp - told), default=told)
        while self._stamps and self._stamps[0] <= pts:
            self._stamps.popleft()
        made: AvPacket = av.Packet(data)  # type: ignore[assignment]  # it is video
        made.pts = made.dts = pts
        made.duration, made.is_keyframe = packet.duration or 0, packet.is_keyframe
        made.time_base = self.format.time_base
        return made


def _set_software(context: av.VideoCodecContext, picture: av.VideoFrame, rate: Fraction, kbps: int | None) -> None:
    context.pix_fmt = picture.format.name  # yuv420p, or yuvj420p of MJPEG: a change of range would cost a copy
    if context.pix_fmt == "yuvj420p":
        context.color_range = FULL_RANGE
    context.gop_size = max(1, round(rate * KEY_EVERY_S * 4))  # key frames are asked for by time, this is the limit
    context.flags |= Flags.global_header
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26", "forced-idr": "1"}
    if kbps is not None:
        # Half a second's worth may come at once: more would make a thin line late, less a key frame bad.
        limits = {"maxrate": f"{kbps}k", "bufsize": f"{kbps // 2}k", "sc_threshold": "0", "forced-idr": "1"}
        context.bit_rate = kbps * 1000
        context.options = {"preset": "superfast", "tune": "zerolatency", **limits}
