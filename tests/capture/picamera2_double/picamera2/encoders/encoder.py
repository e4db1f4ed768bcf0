"""What both encoders share. The pictures are really encoded, by libx264, from the camera's buffer as it is then."""

import threading
from fractions import Fraction
from typing import Any

import av
import numpy as np

from ..switches import SWITCHES


class Encoder:
    def __init__(self, framerate: Any = 30) -> None:
        self.firsttimestamp: int | None = None
        self.name = ""
        self.width = self.height = self.stride = 0
        self.format = ""
        self.output: Any = []
        self.bitrate: int | None = None
        self.iperiod: int | None = None
        self.framerate: float | None = framerate
        self.frames_encoded = 0
        self._lock = threading.Lock()
        self._running = False
        self._out = 0

    def start(self, quality: Any = None) -> None:
        if SWITCHES.fault == "no_encoder":
            raise FileNotFoundError(2, "No such file or directory", "/dev/video11")
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = self.width, self.height, "yuv420p"
        context.time_base = Fraction(1, 1_000_000)
        context.framerate = Fraction(self.framerate or 30)  # else libx264 shares the bits out over a million pictures
        context.bit_rate, context.gop_size = self.bitrate or 1_000_000, self.iperiod or 30
        context.thread_count = 1
        context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        self._context = context
        self._running = True
        self.firsttimestamp = None
        self.output = self.output if isinstance(self.output, list) else [self.output]
        for out in self.output:
            out.start()

    def stop(self) -> None:
        self._running = False

    def encode(self, stream: str, request: Any) -> None:
        if SWITCHES.fault == "encoder_hangs" and self.frames_encoded >= SWITCHES.after:
            return
        with self._lock:
            self._encode(stream, request)
        self.frames_encoded += 1

    def outputframe(
        self,
        frame: Any,
        keyframe: bool = True,
        timestamp: int | None = None,
        packet: Any = None,
        audio: bool = False,
    ) -> None:
        self._out += 1
        if self._out > SWITCHES.lose:
            for out in self.output:
                out.outputframe(frame, keyframe, timestamp, packet, audio)

    def _encode(self, stream: str, request: Any) -> None:
        raise AssertionError("each encoder has its own")

    def _timestamp(self, request: Any) -> int:
        stamp = int(request.metadata["SensorTimestamp"] / 1000)
        if self.firsttimestamp is None:
            self.firsttimestamp = stamp
        return stamp - self.firsttimestamp

    def _packets(self, request: Any, timestamp: int) -> list[Any]:
        if SWITCHES.fault == "encoder_dies" and self.frames_encoded >= SWITCHES.after:
            raise OSError(5, "Input/output error")
        flat = np.frombuffer(request.request[self.name], np.uint8)
        picture = av.VideoFrame(self.width, self.height, "yuv420p")
        for plane, rows in zip(picture.planes, _planes(flat, self), strict=True):
            target = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]
            target[:, : plane.width] = rows
        picture.pts, picture.time_base = timestamp, Fraction(1, 1_000_000)
        return list(self._context.encode(picture))


def _planes(flat: Any, encoder: Encoder) -> list[Any]:
    width, height, stride = encoder.width, encoder.height, encoder.stride
    luma = flat[: stride * height].reshape(height, stride)[:, :width]
    rest = flat[stride * height :]
    if encoder.format == "NV12":
        pairs = rest.reshape(height // 2, stride)[:, :width]
        return [luma, pairs[:, 0::2], pairs[:, 1::2]]
    half = rest.reshape(2, height // 2, stride // 2)[:, :, : width // 2]
    return [luma, half[0], half[1]]
