"""The frames that are analysed, once more as H.264: small, at a bit rate, for somebody who looks at the picture of now.

Frames have their privacy masks painted already. The encoder, its trial and its CPU budget are those of `encoding.py`.
"""

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

from agent.capture.encoding import Encoding
from agent.config.camera import CameraSection
from agent.values import Frame, Packet, Picture

TIME_BASE = Fraction(1, 90_000)
WIDTHS = ((300, 640), (150, 480), (0, 320))  # from so many kilobits per second on, at most so wide


class SmallStream:
    """One camera's frames at `kbps` kilobits per second. One thread's."""

    def __init__(self, camera: CameraSection, kbps: int) -> None:
        self._camera = camera
        self._widest = next(width for least, width in WIDTHS if kbps >= least)
        self._encoding = Encoding(camera.source, camera.encode_cpu, kbps=kbps)
        self._encoding.attach(TIME_BASE, camera.analysis_fps)
        self._run: int | None = None

    @property
    def skipped(self) -> int:
        """Frames left out to stay within the CPU budget."""
        return self._encoding.skipped

    def encode(self, frame: Frame) -> Sequence[Packet]:
        """None for a frame that is left out. Raises CameraError when nothing here encodes."""
        picture = _video_frame(frame)
        if picture.width > self._widest:
            height = round(picture.height * self._widest / picture.width / 2) * 2
            picture = picture.reformat(width=self._widest, height=height)
        pts = frame.at.mono_ns * 9 // 100_000
        made = self._encoding.encode(picture, pts)
        if made is None:
            return ()
        if self._run is None or made.anew:
            self._run = frame.at.mono_ns
        return tuple(
            Packet(
                cam=frame.cam,
                run=self._run,
                at=frame.at.shifted(((packet.pts or pts) - pts) * float(TIME_BASE)),
                pts=packet.pts if packet.pts is not None else pts,
                dts=packet.dts if packet.dts is not None else pts,
                duration=packet.duration or 0,
                key=bool(packet.is_keyframe),
                format=made.format,
                data=bytes(packet),
            )
            for packet in made.packets
        )


def _video_frame(frame: Frame) -> av.VideoFrame:
    # Even sides: chroma is half as many rows and columns, and encoders take no others.
    width, height = frame.width & ~1, frame.height & ~1
    picture = av.VideoFrame(width, height, "yuv420p")
    for plane, source in zip(picture.planes, (frame.luma, frame.u, frame.v), strict=True):
        rows: Picture = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # planes are buffers
        rows = rows[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)
        rows[:, : plane.width] = source[: plane.height, : plane.width]
    return picture
