"""A Jetson's camera on the ribbon cable: a GStreamer child gives the encoded main stream and small raw pictures.

The child is killed, never asked to stop: NVIDIA's camera stack may hang. Stamps are the pipeline's, which counts on
CLOCK_MONOTONIC from the moment that it prints when it starts.
"""

import logging
from collections.abc import Iterator, Sequence

import av
import numpy as np

from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.grid import Grid
from agent.capture.isolated.aside import Aside
from agent.capture.jetson.launch import Broken, Launch, Stopped
from agent.capture.jetson.pipeline import Elements, arguments, jetson_elements, overlay_picture, small_size
from agent.capture.jetson.words import ended, explained, fault
from agent.capture.masks import Blocks, Masks, Rectangle, masks_of
from agent.capture.pictures import MAX_PIXELS
from agent.capture.problems import problem
from agent.capture.stream import Reading, time_base_of
from agent.capture.timeline import NS, Timeline
from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.i18n import Text
from agent.system_words import reason
from agent.values import Frame, Packet, Picture, StreamFormat

log = logging.getLogger(__name__)
OPEN_S = 10.0  # more than the camera's own timeout, until the first picture: the sensor and the stack start
OLDEST_NS = 30 * NS
MASK_TOLERANCE = 12  # around Y 16 in a small picture, which was scaled from the masked one
OPTIONS = MAX_PIXELS | {"fpsprobesize": "0"}  # the frame rate is not worth 20 pictures of delay
CORE = Blocks(2, margin=0)
_JUMPED = Text(en="the time stamps jumped", vi="mốc thời gian nhảy đột ngột")


def open_argus(
    camera: CameraSection, reading: Reading, aside: Aside, elements: Elements | None = None
) -> "ArgusSource":
    """Start the child. Raises CameraError: camera_unkillable while an earlier child still holds the camera, or
    camera_crashed when GStreamer is not installed.
    """
    holder = aside.holder(camera.id)
    if holder is not None:
        raise problem("camera_unkillable", camera.source, str(holder))
    return ArgusSource(camera, reading, aside, elements or jetson_elements())


class ArgusSource:
    """A `Source`."""

    def __init__(self, camera: CameraSection, reading: Reading, aside: Aside, elements: Elements) -> None:
        self._camera = camera
        self._reading = reading
        self._aside = aside
        self._elements = elements
        self._closed = False
        self._container: av.container.InputContainer | None = None
        self._packets: Iterator[AvPacket] = iter(())
        self._patience_s = camera.timeout + OPEN_S
        self._progress_s = reading.clock.mono_s()
        wanted = camera.argus
        masks = masks_of(camera)
        overlay = None
        if masks is not None:
            overlay = overlay_picture(masks.rectangles(wanted.width, wanted.height), wanted.width, wanted.height)
        try:
            self._launch = Launch(
                lambda files: arguments(camera, elements, files), overlay, reading.clock, reading.stop
            )
        except OSError as error:
            why = reason(error)
            detail = Text(en=f"gst-launch-1.0: {why.en}", vi=f"gst-launch-1.0: {why.vi}")
            failed = fault("plugin", camera.source, detail)
        else:
            self._tracks = Tracks(camera, reading, elements.name)
            return
        raise failed

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._launch.pid

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What came, at most a quarter of a second later.

        Raises CameraError: what the child printed, camera_stuck (it is silent), camera_crashed (it ended).
        """
        try:
            item = self._read() if self._launch.ready() else None
        except Stopped:
            return ()
        except Broken:
            failed = self._silent()
        except av.FFmpegError:  # the stream's end, or what is none
            failed = ended(self._launch.lines, self._camera.source)
        except CameraError:
            self.close()
            raise
        else:
            now_s = self._reading.clock.mono_s()
            if item is not None:
                self._progress_s, self._patience_s = now_s, self._camera.timeout
                return (item,)
            if now_s - self._progress_s < self._patience_s:
                return ()
            failed = self._silent()
        self.close()
        raise failed

    def counts(self) -> Counts:
        """What was done so far."""
        return self._tracks.counts

    def close(self) -> None:
        """Kill the child; at most a second. One in state D is put aside."""
        if self._closed:
            return
        self._closed = True
        process = self._launch.kill()
        if process is not None:
            log.error("%s: process %d does not end after SIGKILL", self._camera.id, process.pid)
            self._aside.put(self._camera.id, process)

    def _read(self) -> Packet | Frame | None:
        if self._container is None:
            self._container = av.open(self._launch, "r", format="matroska", options=OPTIONS)
            streams = self._container.streams.video
            self._tracks.attach(streams)
            self._packets = self._container.demux(*streams)  # type: ignore[assignment]  # both are video
        packet = next(self._packets, None)
        if packet is None or not packet.size:
            raise ended(self._launch.lines, self._camera.source)
        return self._tracks.take(packet, self._launch.started_ns)

    def _silent(self) -> CameraError:
        silent_s = self._reading.clock.mono_s() - self._progress_s
        known = explained(self._launch.lines, self._camera.source)
        return known or fault("silent", self._camera.source, f"{silent_s:.0f} s")


class Tracks:
    """The two tracks of one child: main packets as they are, raw pictures as Frames."""

    def __init__(self, camera: CameraSection, reading: Reading, encoder: str) -> None:
        self.counts = Counts(encoder=encoder)
        self._camera = camera
        self._clock = reading.clock
        self._wants = reading.wants
        self._attention = reading.attention
        self._grid = Grid(camera.analysis_fps, reading.attention)
        self._timeline = Timeline()
        self._opened = reading.clock.now()
        self._small = small_size(camera.argus.width, camera.argus.height)
        self._core = _core(masks_of(camera, CORE), self._small)
        self._origin: int | None = None
        self._taken = self._pictures = self._frames = 0
        self._format: StreamFormat | None = None

    def attach(self, streams: Sequence[av.VideoStream]) -> None:
        """Look at what the container has. Raises CameraError: camera_crashed when it is not what was asked for."""
        if len(streams) != 2 or streams[0].codec_context.name != "h264":
            told = Text(en=f"{len(streams)} tracks", vi=f"{len(streams)} luồng")
            raise problem("camera_crashed", self._camera.source, told)
        context = streams[0].codec_context
        base, extradata = time_base_of(streams[0]), context.extradata or b""
        self._format = StreamFormat("h264", context.width, context.height, base, extradata)

    def take(self, packet: AvPacket, started_ns: int | None) -> Packet | Frame | None:
        """One packet of either track. Raises CameraError: camera_codec when the masks are not drawn."""
        form = self._format
        if form is None or packet.pts is None:
            return None
        at = self._moment(packet.pts * NS * form.time_base.numerator // form.time_base.denominator, started_ns)
        if packet.stream_index == 0:
            return self._packet(packet, packet.pts, at, form)
        if self._origin is None:
            self._origin = packet.pts
        self._frames += 1
        if not self._wants.frames or not self._grid.takes(packet.pts - self._origin, form.time_base):
            return None
        luma, u, v = self._planes(bytes(packet))
        frame = Frame(self._camera.id, self._opened.mono_ns, self._frames - 1, at, luma, u, v)
        if self._attention is not None:
            self._attention.look(frame)
        return frame

    def _packet(self, packet: AvPacket, pts: int, at: Moment, form: StreamFormat) -> Packet | None:
        if not self._pictures and not packet.is_keyframe:
            return None
        self._pictures += 1
        self.counts = Counts(pictures=self._pictures, runs=1, format=form, encoder=self.counts.encoder)
        if not self._wants.packets:
            return None
        dts = pts if packet.dts is None else packet.dts
        key, data = bool(packet.is_keyframe), bytes(packet)
        return Packet(self._camera.id, self._opened.mono_ns, at, pts, dts, packet.duration or 0, key, form, data)

    def _moment(self, stamp_ns: int, started_ns: int | None) -> Moment:
        # A pipeline that did not tell its start, or tells nonsense, is understood by when its packets come.
        now = self._clock.now()
        told_ns = now.mono_ns if started_ns is None else started_ns + stamp_ns
        jumped = self._timeline.advance(stamp_ns, told_ns if 0 <= now.mono_ns - told_ns <= OLDEST_NS else now.mono_ns)
        if jumped and self._taken:
            raise problem("camera_crashed", self._camera.source, _JUMPED)
        self._taken += 1
        mono_ns = self._timeline.at_ns(stamp_ns)
        return Moment(mono_ns, now.wall_ns + mono_ns - now.mono_ns, now.trusted, now.boot_id)

    def _planes(self, data: bytes) -> tuple[Picture, Picture, Picture]:
        width, height = self._small
        whole = np.frombuffer(data, np.uint8)
        if whole.size != width * height * 3 // 2:
            told = Text(en=f"a picture of {whole.size} bytes", vi=f"một khung hình {whole.size} byte")
            raise problem("camera_crashed", self._camera.source, told)
        luma = whole[: width * height].reshape(height, width)
        u, v = whole[width * height :].reshape(2, height // 2, width // 2)
        for one in self._core:
            part = luma[one.top : one.bottom, one.left : one.right]
            if not 16 - MASK_TOLERANCE <= part.min() <= part.max() <= 16 + MASK_TOLERANCE:
                raise fault("mask", self._camera.source)
        return luma, u, v


def _core(masks: Masks | None, size: tuple[int, int]) -> tuple[Rectangle, ...]:
    return masks.rectangles(*size) if masks is not None else ()
