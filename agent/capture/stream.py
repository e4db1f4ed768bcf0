"""The one place that reads av packets: from an open container to Packets (untouched) and Frames (only the grid's).

Every picture is decoded, because pictures lean on each other, but only those on the analysis grid become Frames. A jump
of the time stamps or a change of the picture's shape begins a new run; a run begins with a key frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av

from agent.capture.parameters import ParameterSets, parameter_sets
from agent.capture.planes import PlaneViewer
from agent.capture.problems import problem
from agent.capture.timeline import NS, Timeline
from agent.capture.transcode import ENCODER, AvPacket, Encoder
from agent.clock import Clock, Moment
from agent.config.camera import CameraSection
from agent.values import Frame, Packet, StreamFormat

PLAYABLE = ("h264", "hevc")
# No deblocking: a fifth of the decoder's work, for an error (PSNR 39 dB after a GOP of 15 s) that neither motion nor
# detection sees. `fast` allows the decoder its shortcuts. Footage is not touched by either.
DECODER_OPTIONS = {"skip_loop_filter": "all", "flags2": "+fast"}


@dataclass(frozen=True, slots=True)
class Wants:
    """What a source is read for."""

    packets: bool
    frames: bool


def time_base_of(stream: av.VideoStream) -> Fraction:
    """Seconds per tick, as Python's own type whatever PyAV's is."""
    base = stream.time_base
    return Fraction(base.numerator, base.denominator) if base else Fraction(1, 90_000)


class StreamReader:
    """One camera stream across re-openings of its container. `take` each packet; `shift` is added to its stamps."""

    def __init__(self, camera: CameraSection, address: str, clock: Clock, wants: Wants) -> None:
        self.wants = wants
        self.run = 0
        self.runs = 0
        self.decoded = 0
        self.decode_errors = 0
        self.shift = 0
        self.format: StreamFormat | None = None
        self._opened: StreamFormat | None = None  # as the container told it
        self.encoder = "passthrough"
        self._camera = camera
        self._address = address
        self._clock = clock
        self._grid_fps = Fraction(camera.analysis_fps).limit_denominator(1000)
        self._timeline = Timeline()
        self._viewer = PlaneViewer()
        self._transcoder: Encoder | None = None
        self._arrival = clock.now()
        self._origin: int | None = None  # pts of the run's first key frame
        self._waiting = True  # for a key frame
        self._last_dts: int | None = None
        self._last_cell = -1
        self._shape = b""

    def attach(self, container: av.container.InputContainer) -> av.VideoStream:
        """Take the container's first video stream. Raises CameraError: camera_codec, also when there is no video."""
        if not container.streams.video:
            raise problem("camera_no_video", self._address)
        self.stream = stream = container.streams.video[0]
        self._context = context = stream.codec_context
        self._fps = float(stream.average_rate or stream.guessed_rate or 0)
        codec = context.name
        if self.wants.packets and codec not in PLAYABLE:
            if not self._camera.transcode:
                raise problem("camera_codec", self._address, codec)
            self.encoder = ENCODER
        context.thread_count = 1
        context.thread_type = "SLICE"  # frame threads would only add delay
        context.options = DECODER_OPTIONS
        base = time_base_of(stream)
        extradata = context.extradata or b""
        made = StreamFormat(codec, context.width, context.height, base, extradata)
        if self.format is not None and made != self._opened:
            self._break()
        if self.format is None or made != self._opened:
            self.format = self._opened = made
            sets = parameter_sets(codec, extradata)
            self._shape = sets.shape if sets else b""
        return stream

    def take(self, packet: AvPacket, due_ns: int | None = None) -> Iterator[Packet | Frame]:
        """What one demuxed packet gives; an empty packet (the end) gives what the decoder still holds.

        `due_ns`: when it came, on the monotonic clock, for a source that sets the pace itself and so knows it exactly.
        """
        if packet.dts is None and packet.pts is None and packet.size == 0:
            yield from self._pictures(None)
            return
        self._arrival = self._clock.now()
        pts, dts = self._stamps(packet)
        if self._timeline.advance(self.ns(dts), self._arrival.mono_ns if due_ns is None else due_ns):
            self._break()
        if packet.is_keyframe:
            self._notice_shape(bytes(packet))
        if self._waiting:
            if not packet.is_keyframe:
                return
            self._begin(pts)
        self._last_dts = dts
        if self.wants.packets and self.encoder != ENCODER:
            yield self._packet(packet, pts, dts, self.known_format)
        if self.wants.frames or self.encoder == ENCODER:
            yield from self._pictures(packet)

    @property
    def known_format(self) -> StreamFormat:
        """The format of the stream, once a container is attached."""
        assert self.format is not None, "attach() comes first"
        return self.format

    def _stamps(self, packet: AvPacket) -> tuple[int, int]:
        # Some cameras leave out one or both stamps; dts then follows the one before.
        pts, dts = packet.pts, packet.dts
        if dts is None:
            following = None if self._last_dts is None else self._last_dts - self.shift + max(packet.duration or 0, 1)
            dts = pts if pts is not None else following
            dts = dts if dts is not None else 0
            if following is not None and 0 <= following - dts < self._ticks(1):
                dts = following
        pts = dts if pts is None else pts
        return pts + self.shift, dts + self.shift

    def _break(self) -> None:
        if not self._waiting and self.decoded:
            self._context.flush_buffers()
        self._waiting = True
        self._transcoder = None

    def _begin(self, pts: int) -> None:
        self.run = max(self._arrival.mono_ns, self.run + 1 if self.runs else 0)
        self.runs += 1
        self._origin = pts
        self._last_cell = -1
        self._waiting = False

    def _notice_shape(self, data: bytes) -> None:
        sets = parameter_sets(self.known_format.codec, data)
        if sets is None or sets.shape == self._shape:
            return
        if self.runs:
            self._break()
        self._shape = sets.shape
        self.format = self._format_of(sets, data)

    def _format_of(self, sets: ParameterSets, data: bytes) -> StreamFormat:
        old = self.known_format
        probe: av.VideoCodecContext = av.CodecContext.create(old.codec, "r")  # type: ignore[assignment]  # both are video
        width, height = old.width, old.height
        try:
            for picture in (*probe.decode(av.Packet(data)), *probe.decode(None)):
                width, height = picture.width, picture.height
        except av.FFmpegError:
            self.decode_errors += 1
        return StreamFormat(old.codec, width, height, old.time_base, sets.extradata)

    def _packet(self, packet: AvPacket, pts: int, dts: int, form: StreamFormat) -> Packet:
        at = self._moment(self._timeline.at_ns(self.ns(pts)))
        duration, key, data = packet.duration or 0, bool(packet.is_keyframe), bytes(packet)
        return Packet(self._camera.id, self.run, at, pts, dts, duration, key, form, data)

    def _pictures(self, packet: AvPacket | None) -> Iterator[Packet | Frame]:
        if self._waiting:
            return
        try:
            pictures = self._context.decode(packet)
        except av.FFmpegError:  # a damaged picture; the next key frame mends it
            self.decode_errors += 1
            return
        for decoded in pictures:
            number = self.decoded
            self.decoded += 1
            pts = self._last_dts if decoded.pts is None else decoded.pts + self.shift
            if pts is None or self._origin is None:
                continue
            coded = self.wants.packets and self.encoder == ENCODER
            picture = self._viewer.planar(decoded) if coded else decoded
            if coded:
                yield from self._transcoded(picture, pts)
            if self.wants.frames and self._on_grid(pts):
                yield self._frame(picture, pts, number)

    def _on_grid(self, pts: int) -> bool:
        base, fps = self.known_format.time_base, self._grid_fps
        ticks = pts - (self._origin or 0)
        cell = ticks * base.numerator * fps.numerator // (base.denominator * fps.denominator)
        if cell <= self._last_cell:
            return False
        self._last_cell = cell
        return True

    def _frame(self, picture: av.VideoFrame, pts: int, number: int) -> Frame:
        at = self._moment(self._timeline.picture_ns(self.ns(pts)))
        luma, u, v = self._viewer.views(picture)
        return Frame(self._camera.id, self.run, number, at, luma, u, v)

    def _transcoded(self, picture: av.VideoFrame, pts: int) -> Iterator[Packet]:
        if self._transcoder is not None and not self._transcoder.fits(picture):
            self._transcoder = None
            self._begin(pts)
        if self._transcoder is None:
            self._transcoder = Encoder(picture, self.known_format.time_base, self._fps)
        for packet in self._transcoder.encode(picture, pts):
            stamps = (packet.pts or 0, packet.dts if packet.dts is not None else packet.pts or 0)
            yield self._packet(packet, *stamps, self._transcoder.format)

    def ns(self, ticks: int) -> int:
        """Nanoseconds of the stream's ticks."""
        base = self.known_format.time_base
        return ticks * NS * base.numerator // base.denominator

    def _ticks(self, seconds: int) -> int:
        base = self.known_format.time_base
        return seconds * base.denominator // base.numerator

    def _moment(self, mono_ns: int) -> Moment:
        now = self._arrival
        return Moment(mono_ns, now.wall_ns + mono_ns - now.mono_ns, now.trusted, now.boot_id)
