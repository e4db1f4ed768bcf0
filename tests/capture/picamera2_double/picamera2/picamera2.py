"""The camera: pictures in buffers of a pool, in a thread that calls back, encodes, and takes the buffers back."""

import atexit
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

import libcamera

from .request import CompletedRequest
from .scene import draw
from .switches import SWITCHES, tell

KNOWN = {
    "FrameDurationLimits": (33333, 120000, 33333),
    "AeExposureMode": (0, 3, 0),
    "ExposureTime": (0, 66666, 20000),
    "Saturation": (0.0, 32.0, 1.0),
    "AwbMode": (0, 7, 0),
    "HdrMode": (0, 4, 0),
    "AfMode": (0, 2, 0),
    "AfTrigger": (0, 1, 0),
    "LensPosition": (0.0, 32.0, 1.0),
    "NoiseReductionMode": (0, 4, 0),
}


class Picamera2:
    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        if SWITCHES.fault == "absent":
            return []
        return [
            {
                "Model": SWITCHES.model,
                "Location": 2,
                "Rotation": 180,
                "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a",
                "Num": 0,
            }
        ]

    def __init__(
        self, camera_num: int = 0, verbose_console: Any = None, tuning: Any = None, allocator: Any = None
    ) -> None:
        if camera_num >= len(self.global_camera_info()):
            raise RuntimeError(
                f'No camera number {camera_num} found - use "rpicam-hello --list-cameras" to check connected cameras'
            )
        if SWITCHES.fault == "hangs_open":
            threading.Event().wait()
        try:
            if SWITCHES.fault == "busy":
                raise RuntimeError("Failed to acquire camera: Device or resource busy")
        except RuntimeError as error:
            raise RuntimeError("Camera __init__ sequence did not complete.") from error
        if SWITCHES.fault == "denied":
            raise RuntimeError("Could not open any dmaHeap device")
        atexit.register(self.close)
        self.request_lock = threading.Lock()
        self.lock = threading.Lock()
        self.camera_config: dict[str, Any] = {}
        self.pre_callback: Any = None
        self.post_callback: Any = None
        self.started = False
        self._encoders: set[Any] = set()
        self._pool: queue.Queue[Any] = queue.Queue()

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        return {name: limits for name, limits in KNOWN.items() if name not in SWITCHES.missing}

    def create_video_configuration(
        self,
        main: Any = {},  # noqa: B006
        lores: Any = None,
        raw: Any = {},  # noqa: B006
        transform: Any = libcamera.Transform(),  # noqa: B008
        colour_space: Any = None,
        buffer_count: int = 6,
        controls: Any = {},  # noqa: B006
        display: Any = "main",
        encode: Any = "main",
        queue: bool = True,
        sensor: Any = {},  # noqa: B006
        use_case: str = "video",
    ) -> dict[str, Any]:
        return {
            "main": {"format": "XBGR8888", "size": (1280, 720), "preserve_ar": True, **main},
            "lores": None if lores is None else {"format": "YUV420", "preserve_ar": False, **lores},
            "raw": raw,
            "transform": transform,
            "buffer_count": buffer_count,
            "controls": controls,
            "display": display,
            "encode": encode,
            "queue": queue,
        }

    def configure(self, camera_config: Any = None) -> None:
        if SWITCHES.fault == "refuses":
            raise RuntimeError(f"Invalid camera configuration: {camera_config}")
        for stream in (camera_config["main"], camera_config["lores"]):
            width, height = stream["size"]
            if width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
            if stream is camera_config["main"]:
                width, height = width - SWITCHES.shrink, height - SWITCHES.shrink
            stream["size"], stream["stride"] = (width, height), width + SWITCHES.padding
            stream["format"] = SWITCHES.pixel_format or stream["format"]
            stream["framesize"] = stream["stride"] * height * 3 // 2
        self.set_controls(camera_config["controls"])
        tell(f"raw {camera_config['raw']} turned {camera_config['transform'].hflip} {camera_config['transform'].vflip}")
        self.camera_config = camera_config
        for _ in range(camera_config["buffer_count"]):
            self._pool.put({name: bytearray(camera_config[name]["framesize"]) for name in ("main", "lores")})

    def camera_configuration(self) -> dict[str, Any]:
        return self.camera_config

    def set_controls(self, controls: Any) -> None:
        for name, value in controls.items():
            if name not in self.camera_controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
            tell(f"{name} {getattr(value, 'name', value)}")

    def start_encoder(
        self, encoder: Any = None, output: Any = None, pts: Any = None, quality: Any = None, name: Any = None
    ) -> None:
        stream = self.camera_config[name]
        encoder.output, encoder.name = output, name
        (encoder.width, encoder.height), encoder.format = stream["size"], stream["format"]
        encoder.stride = stream["stride"]
        encoder.start(quality=quality)
        self._encoders.add(encoder)

    def stop_encoder(self, encoders: Any = None) -> None:
        self._encoders.clear()

    def start(self, config: Any = None, show_preview: Any = False) -> None:
        self.started = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        tell("stop")
        if SWITCHES.fault:  # once something is wrong, the real one waits for pictures that never come
            threading.Event().wait()
        self.started = False

    def close(self) -> None:
        if self.started:
            self.stop()

    def _run(self) -> None:
        period_s = self.camera_config["controls"]["FrameDurationLimits"][0] / 1e6
        number, due_s = 0, time.monotonic()
        while self.started:
            if number >= SWITCHES.after:
                self._fail()
            buffers = self._pool.get()
            stamp = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            request = CompletedRequest(buffers, self)
            request.metadata = {"SensorTimestamp": stamp, "number": number}
            request.back = self._pool.put
            draw(buffers, self.camera_config, number)
            with self.lock:
                if self.pre_callback:
                    self.pre_callback(request)
                for encoder in self._encoders:
                    encoder.encode(encoder.name, request)
                request.release()
            number, due_s = number + 1, due_s + period_s
            time.sleep(max(0.0, due_s - time.monotonic()))

    def _fail(self) -> None:
        if SWITCHES.fault == "timed_out":
            sys.stderr.write("ERROR RPI pipeline_base.cpp:1354 Camera frontend has timed out!\n")
            threading.Event().wait()
        elif SWITCHES.fault == "frozen":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif SWITCHES.fault == "crashes":
            sys.stderr.write("FATAL default thread.cpp:42 assertion failed\n")
            os.kill(os.getpid(), signal.SIGKILL)
