"""Reading a camera that sends at its own pace, and noticing when it no longer does.

A read gives up after a few seconds, so that a stop is never blocked long; silence is counted over such reads.
"""

from collections.abc import Iterator

import av

from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.problems import from_av, problem
from agent.capture.stream import StreamReader
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.values import Frame, Packet

READ_S = 3.0
OPEN_S = 4.0  # together below the deadline of a stop


class LiveSource:
    """An open RTSP or V4L2 camera. Owns `container`; `timeout` of the camera is how long it may give no picture."""

    def __init__(
        self,
        container: av.container.InputContainer,
        reader: StreamReader,
        camera: CameraSection,
        address: str,
        clock: Clock,
    ) -> None:
        self.reader = reader
        self._container = container
        self._camera = camera
        self._address = address
        self._clock = clock
        self._progress_s = clock.mono_s()
        self._decoded = 0
        self._stream = reader.attach(container)
        self._packets: Iterator[AvPacket] | None = None

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What the next demuxed packet gives; nothing when none came within seconds.

        Raises CameraError: camera_silent after `timeout` without a picture, or what broke the connection.
        """
        packet = self._next()
        items = tuple(self.reader.take(packet)) if packet is not None else ()
        now_s = self._clock.mono_s()
        if items or self.reader.counts().decoded > self._decoded:
            self._progress_s, self._decoded = now_s, self.reader.counts().decoded
        elif now_s - self._progress_s >= self._camera.timeout:
            raise problem("camera_silent", self._address, f"{now_s - self._progress_s:.0f} s")
        return items

    def counts(self) -> Counts:
        """What was done so far."""
        return self.reader.counts()

    def close(self) -> None:
        """Close the connection; takes at most one read."""
        self._container.close()

    def _next(self) -> AvPacket | None:
        try:
            if self._packets is None:
                self._packets = self._container.demux(self._stream)
            packet = next(self._packets, None)
        except (av.error.ExitError, av.error.BlockingIOError):  # nothing came in READ_S
            self._packets = None
            return None
        except av.FFmpegError as error:
            failed = from_av(error, self._camera.kind, self._address)
        else:
            if packet is not None and packet.size > 0:
                return packet
            failed = problem("camera_ended", self._address)
        raise failed
