"""A USB camera through Video4Linux: the camera's section goes in, an open source of packets and frames comes out.

The formats are asked from the kernel first, so that FFmpeg's device reader gets a wish that can be fulfilled. It waits
in the driver without a deadline: this source belongs into a child process (`isolated/`), which is killed when silent.
"""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import av

from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.problems import from_av, problem
from agent.capture.stream import Reading, StreamReader
from agent.capture.usb.choice import Chosen, choose
from agent.capture.usb.formats import DeviceFormats, device_formats
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet

DEMUXER = "v4l2"


def open_v4l2(
    camera: CameraSection,
    reading: Reading,
    demuxer: str = DEMUXER,
    formats: Callable[[str], DeviceFormats] = device_formats,
) -> "V4l2Source":
    """Open the device with the best format that it has. `demuxer` and `formats` stand for the kernel in tests.

    Raises CameraError: camera_absent, camera_permission (also when it is in use), camera_codec.
    """
    chosen = choose(formats(camera.source), camera)
    container = _open(camera.source, chosen, demuxer)
    try:
        return V4l2Source(container, camera, reading)
    except (CameraError, av.FFmpegError):
        container.close()
        raise


class V4l2Source:
    """An open device. Owns `container`. A read blocks until the driver has a picture."""

    def __init__(self, container: av.container.InputContainer, camera: CameraSection, reading: Reading) -> None:
        self.reader = StreamReader(camera, camera.source, reading)
        self._container = container
        self._camera = camera
        self._clock: Clock = reading.clock
        self._good_s = reading.clock.mono_s()  # when a picture came last
        stream = self.reader.attach(container)
        self._packets: Iterator[AvPacket] = container.demux(stream)

    def read(self) -> tuple[Packet | Frame, ...]:
        """What the next picture gives; nothing for one that the bus damaged.

        Raises CameraError: camera_absent when it was unplugged, camera_silent after `timeout` of damaged pictures only.
        """
        packet = self._next()
        now_s = self._clock.mono_s()
        if packet is not None:
            self._good_s = now_s
            return tuple(self.reader.take(packet))
        self.reader.unreadable += 1
        if now_s - self._good_s >= self._camera.timeout:
            raise problem("camera_silent", self._camera.source, f"{now_s - self._good_s:.0f} s")
        return ()

    def counts(self) -> Counts:
        """What was done so far."""
        return self.reader.counts()

    def close(self) -> None:
        """Give the device back."""
        self._container.close()

    def _next(self) -> AvPacket | None:
        try:
            packet = next(self._packets, None)
        except av.FFmpegError as error:
            failed = from_av(error, "v4l2", self._camera.source)
        else:
            if packet is not None and packet.size:
                return _own(packet)
            if packet is not None and packet.pts is not None:  # the driver marked the buffer as damaged
                return None
            failed = problem("camera_ended", self._camera.source)
        raise failed


def _own(packet: AvPacket) -> AvPacket:
    # FFmpeg lends the driver's own buffer, which must not outlive the device. A raw picture is converted at once; what
    # is encoded may be kept until the next key frame.
    codec = packet.stream.codec_context.name
    if codec == "rawvideo":
        return packet
    own: AvPacket = av.Packet(bytes(packet))  # type: ignore[assignment]  # it is video
    own.stream, own.time_base = packet.stream, packet.time_base
    own.pts, own.dts, own.duration = packet.pts, packet.dts, packet.duration
    own.is_keyframe = packet.is_keyframe
    return own


def _open(path: str, chosen: Chosen, demuxer: str) -> av.container.InputContainer:
    options = {
        "video_size": f"{chosen.width}x{chosen.height}",
        "framerate": str(chosen.fps),
        "input_format": chosen.input_format,
    }
    try:
        return av.open(path, format=demuxer, options=options)
    except av.FFmpegError as error:
        failed = from_av(error, "v4l2", path)
        if error.errno == errno.EIO and Path(path).exists():  # the device is there, its answers are lost
            failed = problem("camera_usb_error", path)
    raise failed
