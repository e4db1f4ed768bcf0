"""The one place that reads av packets: from an open container to Packets, untouched, and (`pictures.py`) Frames.

A jump of the time stamps or a change of the picture's shape begins a new run; a run begins with a key frame.
"""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import av

from agent.capture.attention import Attention
from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.encoder_choice import PASSTHROUGH
from agent.capture.encoding import Encoding
from agent.capture.grid import Grid
from agent.capture.masks import ENCODED, SMALL, masks_of, refuse_unmasked
from agent.capture.parameters import ParameterSets, parameter_sets
from agent.capture.pictures import MAX_PIXELS, Decoded, Pictures
from agent.capture.planes import PlaneViewer
from agent.capture.problems import problem
from agent.capture.timeline import NS, Timeline
from agent.clock import Clock, Moment
from agent.config.camera import CameraSection
from agent.values import Frame, Packet, StreamFormat

PLAYABLE = ("h264", "hevc")
REWOUND_BYTES = 64_000_000  # pictures that led up to a waking, at most; the newest of them


@dataclass(frozen=True, slots=True)
class Wants:
    """What a source is read for."""

    packets: bool
    frames: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is read, whatever its kind. `stop` ends a wait."""

    clock: Clock
    wants: Wants
    stop: threading.Event = field(default_factory=threading.Event)
    attention: Attention | None = None  # None: always in full


def time_base_of(stream: av.VideoStream) -> Fraction:
    """Seconds per tick, as Python's own type whatever PyAV's is."""
    base = stream.time_base
    return Fraction(base.numerator, base.denominator) if base else Fraction(1, 90_000)


class StreamReader:
    """One camera stream across re-openings of its container. `take` each packet; `shift` is added to its stamps."""

    def __init__(self, camera: CameraSection, address: str, reading: Reading) -> None:
        self.wants = reading.wants
        self.run = 0
        self.runs = 0
        self.shift = 0
        self.unreadable = 0  # damaged places of the container, told by whoever owns it
        self.format: StreamFormat | None = None
        self._opened: StreamFormat | None = None  # as the container told it
        self.encoder = PASSTHROUGH
        self._encoding = Encoding(address, camera.encode_cpu)
        self._camera = camera
        self._address = address
        self._clock = reading.clock
        self._attention = reading.attention
        self._timeline = Timeline()
        self._viewer = PlaneViewer()
        self._masks = masks_of(camera, SMALL if address == camera.sub else ENCODED)
        self._grid = Grid(camera.analysis_fps, None)
        self._pictures: Pictures | None = None
        self._before = Counts()  # of earlier decoders
        self._taken = 0
        self._arrival = reading.clock.now()
        self._origin: int | None = None  # pts of the run's first key frame
        self._waiting = True  # for a key frame
        self._last_dts: int | None = None
        self._shape = b""
        self._ticks_up, self._ticks_down = 1, 90_000  # of the time base; a Fraction's own parts cost a call each

    def attach(self, container: av.container.InputContainer) -> av.VideoStream:
        """Take the container's first video stream. Raises CameraError: camera_codec, also when there is no video."""
        if not container.streams.video:
            raise problem("camera_no_video", self._address)
        stream = container.streams.video[0]
        context = stream.codec_context
        codec = context.name
        if self.wants.packets and (codec not in PLAYABLE or self._camera.privacy_masks):
            if not self._camera.may_encode:
                raise problem("camera_codec" if codec not in PLAYABLE else "camera_mask", self._address, codec)
            self.encoder = self._encoding.name
        self._before = self.counts()
        self._pictures = Pictures(context, self._attention, self.encodes)
        self._grid.attention = self._attention if self.encodes else None
        base = time_base_of(stream)
        self._encoding.attach(base, float(stream.average_rate or stream.guessed_rate or 0))
        extradata = context.extradata or b""
        made = StreamFormat(codec, context.width, context.height, base, extradata)
        if self.format is not None and made != self._opened:
            self._break()
        if self.format is None or made != self._opened:
            self.format = self._opened = made
            self._ticks_up, self._ticks_down = base.numerator, base.denominator
            sets = parameter_sets(codec, extradata)
            self._shape = sets.shape if sets else b""
        return stream

    @property
    def encodes(self) -> bool:
        """Packets are made here, not passed through."""
        return self.wants.packets and self.encoder != PASSTHROUGH

    def counts(self) -> Counts:
        """What was done so far, over all containers."""
        now, before = self._pictures, self._before
        return Counts(
            pictures=self._taken,
            decoded=before.decoded + (now.decoded if now else 0),
            errors=before.errors + (now.errors if now else 0) + self.unreadable,
            runs=self.runs,
            skipped=self._encoding.skipped,
            format=(self._encoding.format if self.encodes else self.format) if self.wants.packets else None,
            encoder=self.encoder,
        )

    @property
    def taken(self) -> int:
        """Coded pictures so far."""
        return self._taken

    @property
    def decoded(self) -> int:
        """Pictures decoded so far."""
        return self._before.decoded + (self._pictures.decoded if self._pictures is not None else 0)

    def take(self, packet: AvPacket, due_ns: int | None = None) -> Iterator[Packet | Frame]:
        """What one demuxed packet gives; an empty packet (the end) gives what the decoder still holds.

        `due_ns`: when it came, on the monotonic clock, for a source that sets the pace itself and so knows it exactly.
        """
        if packet.dts is None and packet.pts is None and packet.size == 0:
            if self._pictures is not None and not self._waiting:
                yield from self._seen(self._pictures.drain())
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
        self._taken += 1
        if self.wants.packets and not self.encodes:
            yield self._packet(packet, pts, dts, self.known_format)
        if self._pictures is not None and (self.wants.frames or self.encodes):
            yield from self._seen(self._pictures.take(packet, self.ns(dts) / NS))

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
        if not self._waiting and self._pictures is not None:
            self._pictures.restart()
        self._waiting = True
        self._encoding.restart()

    def _begin(self, pts: int) -> None:
        self.run = max(self._arrival.mono_ns, self.run + 1 if self.runs else 0)
        self.runs += 1
        self._origin = pts
        self._grid.begin()
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
        probe.options = MAX_PIXELS
        width, height = old.width, old.height
        try:
            for picture in (*probe.decode(av.Packet(data)), *probe.decode(None)):
                width, height = picture.width, picture.height
        except av.FFmpegError:
            self.unreadable += 1
        return StreamFormat(old.codec, width, height, old.time_base, sets.extradata)

    def _packet(self, packet: AvPacket, pts: int, dts: int, form: StreamFormat) -> Packet:
        at = self._moment(self._timeline.at_ns(self.ns(pts)))
        if not self.encodes:
            refuse_unmasked(self._camera, self._address, form.codec)
        duration, key, data = packet.duration or 0, bool(packet.is_keyframe), bytes(packet)
        return Packet(self._camera.id, self.run, at, pts, dts, duration, key, form, data)

    def _seen(self, pictures: Iterator[Decoded], *, rewound: bool = False) -> Iterator[Packet | Frame]:
        for one in pictures:
            pts = self._last_dts if one.pts is None else one.pts + self.shift
            if pts is None or self._origin is None:
                continue
            shown = self._shown(one.picture) if self.encodes else None
            if shown is not None:
                yield from self._encoded(shown, pts)
            if not self.wants.frames:
                continue
            ticks, base = pts - self._origin, self.known_format.time_base
            if one.glance and self._pictures is not None:
                glance = self._frame(self._shown(one.picture), pts, one.number)
                if self._attention is not None and self._attention.look(glance):
                    most = max(4, REWOUND_BYTES // max(1, glance.luma.size * 3 // 2))
                    yield from deque(self._seen(self._pictures.rewind(), rewound=True), maxlen=most)
                    rewound = True
                if self._worth(glance) and self._grid.takes(ticks, base):
                    yield replace(glance, at=self._taken_at(pts), rewound=rewound)
            elif self._grid.takes(ticks, base):
                frame = self._frame(shown if shown is not None else self._shown(one.picture), pts, one.number)
                if self._attention is not None and not rewound:
                    self._attention.look(frame)
                yield replace(frame, at=self._taken_at(pts), rewound=rewound)

    def _shown(self, picture: av.VideoFrame) -> av.VideoFrame:
        # The one way from a decoded picture to what anyone may see of it.
        planar = self._viewer.planar(picture)
        return self._masks.painted(planar) if self._masks is not None else planar

    def _frame(self, picture: av.VideoFrame, pts: int, number: int) -> Frame:
        at = self._moment(self._timeline.at_ns(self.ns(pts)))
        luma, u, v = self._viewer.views(picture)
        return Frame(self._camera.id, self.run, number, at, luma, u, v)

    def _worth(self, glance: Frame) -> bool:
        return self._attention is None or self._attention.worth(glance.at.mono_s)

    def _taken_at(self, pts: int) -> Moment:
        return self._moment(self._timeline.picture_ns(self.ns(pts)))

    def _encoded(self, picture: av.VideoFrame, pts: int) -> Iterator[Packet]:
        made = self._encoding.encode(picture, pts)
        self.encoder = self._encoding.name
        if made is None:
            return
        if made.anew:
            self._begin(pts)
        for packet in made.packets:
            stamps = (packet.pts or 0, packet.dts if packet.dts is not None else packet.pts or 0)
            yield self._packet(packet, *stamps, made.format)

    def ns(self, ticks: int) -> int:
        """Nanoseconds of the stream's ticks."""
        return ticks * NS * self._ticks_up // self._ticks_down

    def _ticks(self, seconds: int) -> int:
        return seconds * self._ticks_down // self._ticks_up

    def _moment(self, mono_ns: int) -> Moment:
        now = self._arrival
        return Moment(mono_ns, now.wall_ns + mono_ns - now.mono_ns, now.trusted, now.boot_id)
