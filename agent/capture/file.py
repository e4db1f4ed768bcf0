"""A video file played at real pace, as if it were a camera. With `loop` the run goes on and the time stamps with it."""

from collections.abc import Iterator

import av
from av.container import InputContainer

from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.pictures import MAX_PIXELS
from agent.capture.problems import from_av, problem
from agent.capture.stream import Reading, StreamReader
from agent.clock import NS
from agent.config.camera import CameraSection
from agent.i18n import Text
from agent.system_words import reason
from agent.values import Frame, Packet

LONGEST_WAIT_S = 2.0
# What cameras and recorders write. FFmpeg also plays texts, as pictures of a terminal, and lists that name other files
# and addresses: nobody means those by a video.
FORMATS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,mjpeg,m4v,av1,obu,ivf,flv,asf,ogg,nut,mxf,dv,dhav,wtv,"
    "yuv4mpegpipe"
)
NOT_VIDEO = Text(en="it is not a video", vi="đây không phải là video")
NO_PICTURE = Text(en="no picture can be decoded", vi="không giải mã được hình nào")


def open_video(path: str) -> InputContainer:
    """The file, to be demuxed. Raises CameraError: camera_file when it is no video; av.FFmpegError; OSError."""
    try:
        return av.open(path, options=MAX_PIXELS | {"format_whitelist": FORMATS})
    except av.error.ArgumentError:  # its format is none of these
        raise problem("camera_file", path, NOT_VIDEO) from None


class FileSource:
    """`read` waits on `stop` until the next packet is due.

    Raises CameraError: camera_file, camera_codec.
    """

    def __init__(self, camera: CameraSection, reading: Reading) -> None:
        self.reader = StreamReader(camera, camera.source, reading)
        self._camera = camera
        self._clock = reading.clock
        self._stop = reading.stop
        self._start_ns: int | None = None  # of the monotonic clock, when stamp 0 was due
        self._due_ns: int | None = None  # of the pending packet
        self._pending: AvPacket | None = None
        self._first_pts: int | None = None  # of this pass, like the two below
        self._end_pts = 0
        self._useful = False
        self._open()

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What the next packet gives, when it is due; None at the end of a file that does not loop."""
        packet = self._pending or self._next()
        if packet is None:
            return self._end()
        self._pending = packet
        if not self._due(packet):
            return ()
        self._pending = None
        if packet.pts is not None:
            self._first_pts = packet.pts if self._first_pts is None else min(self._first_pts, packet.pts)
            self._end_pts = max(self._end_pts, packet.pts + (packet.duration or 1))
        items = tuple(self.reader.take(packet, self._due_ns))
        self._useful = self._useful or bool(items)
        return items

    def counts(self) -> Counts:
        """What was done so far."""
        return self.reader.counts()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _open(self) -> None:
        try:
            self._container = open_video(self._camera.source)
        except (av.FFmpegError, OSError) as error:
            failed = self._failed(error)
        else:
            self._first_pts, self._end_pts, self._useful = None, 0, False
            self._packets: Iterator[AvPacket] = self._container.demux(self.reader.attach(self._container))
            return
        raise failed

    def _next(self) -> AvPacket | None:
        try:
            return next(self._packets, None)
        except av.FFmpegError as error:
            if self._useful:  # damaged in the middle: what is there is played
                self.reader.unreadable += 1
                return None
            failed = self._failed(error)
        raise failed

    def _due(self, packet: AvPacket) -> bool:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None:
            return True
        media_ns = self.reader.ns(stamp + self.reader.shift)
        now_ns = self._clock.now().mono_ns
        if self._start_ns is None:
            self._start_ns = now_ns - media_ns
        self._due_ns = self._start_ns + media_ns
        delay_s = (self._due_ns - now_ns) / NS
        if delay_s > 0:
            self._stop.wait(min(delay_s, LONGEST_WAIT_S))
        return delay_s <= LONGEST_WAIT_S and not self._stop.is_set()

    def _end(self) -> tuple[Packet | Frame, ...] | None:
        if not self._useful:
            raise problem("camera_file", self._camera.source, NO_PICTURE)
        if not self._camera.loop:
            return None
        self.reader.shift += max(self._end_pts - (self._first_pts or 0), 1)
        self._container.close()
        self._open()
        return ()

    def _failed(self, error: av.FFmpegError | OSError) -> Exception:
        if isinstance(error, av.FFmpegError):
            return from_av(error, "file", self._camera.source)
        return problem("camera_file", self._camera.source, reason(error))
