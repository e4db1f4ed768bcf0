"""The camera stack: opened, configured, its pictures masked before anything else sees them, encoded, and looked at.

In: settings. Out: coded and seen pictures in an outbox. Nothing here is ever stopped: the process ends instead.
Needs picamera2 and libcamera; importing this module raises ImportError without them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import libcamera
from picamera2 import MappedArray, Picamera2
from picamera2.encoders import H264Encoder
from picamera2.outputs import Output

from agent.capture.picamera.controls import after_start, controls_of
from agent.capture.picamera.outbox import Outbox, Seen
from agent.capture.picamera.planes import FORMATS, Layout, fitted, paint, planes
from agent.capture.picamera.settings import Rectangle, Settings
from agent.capture.picamera.stamps import Grid
from agent.capture.picamera.trouble import Trouble, absent, named

KEY_EVERY_S = 2
BUFFERS = 6
# What health calls the encoders: picamera2 gives its name H264Encoder to the one that fits the board.
ENCODERS = {"H264Encoder": "h264_v4l2", "LibavH264Encoder": "libx264"}
STREAMS = ("main", "lores")
HDR_MODEL = "imx708"


class Tap(Output):  # type: ignore[misc]  # the library has no types
    """Where the encoder puts its pictures. Called in the encoder's thread."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self.encoder: Any = None
        self.pictures = 0
        self._outbox = outbox

    def outputframe(  # the library's own
        self,
        frame: bytes | None,
        keyframe: bool = True,
        timestamp: int | None = None,
        packet: Any = None,
        audio: bool = False,
    ) -> None:
        """One coded picture; `timestamp` in microseconds after the encoder's first picture."""
        first = self.encoder.firsttimestamp
        if audio or not frame or timestamp is None or first is None:
            return
        self.pictures += 1
        self._outbox.coded(bytes(frame), bool(keyframe), (first + timestamp) * 1000)


class Camera:
    """Running from the start. Raises Trouble when it cannot be opened; `idle` is asked with each picture."""

    def __init__(self, settings: Settings, outbox: Outbox, idle: Callable[[], bool]) -> None:
        self.pictures = 0  # that came from the sensor
        self._settings = settings
        self._outbox = outbox
        self._idle = idle
        self._grid = Grid(settings.analysis_fps, settings.idle_every)
        self._tap = Tap(outbox)
        self._layouts: dict[str, Layout] = {}
        self._masks: dict[str, tuple[Rectangle, ...]] = {}
        self._camera = self._opened()
        self._configure()
        self._start()

    @property
    def encoder(self) -> str:
        """As health calls it."""
        name = type(self._tap.encoder).__name__
        return ENCODERS.get(name, name)

    @property
    def coded(self) -> int:
        """Pictures that came from the encoder."""
        return self._tap.pictures

    @property
    def size(self) -> tuple[int, int]:
        """Of the coded pictures."""
        return self._layouts["main"].size

    def map(self, request: Any, stream: str, write: bool) -> Any:
        """The buffer of a picture's stream, as a context manager; `.array` is flat."""
        return MappedArray(request, stream, reshape=False, write=write)

    def planes(self, mapped: Any, stream: str) -> tuple[Any, Any, Any]:
        """Luma, u and v of a mapped buffer, in place."""
        return planes(mapped.array, self._layouts[stream])

    def _opened(self) -> Any:
        number = self._settings.number
        try:
            cameras = Picamera2.global_camera_info()
            if number >= len(cameras):
                raise Trouble(*absent(f"libcamera: {len(cameras)} camera"))
            _sensor_hdr(cameras[number], self._settings.hdr == "sensor")
            return Picamera2(number)
        except (RuntimeError, OSError, IndexError) as error:
            raise named(error, "picamera_absent") from error

    def _configure(self) -> None:
        settings, camera = self._settings, self._camera
        given = controls_of(settings, libcamera.controls, camera.camera_controls)
        turned = settings.rotation == 180
        try:
            wanted = camera.create_video_configuration(
                main={"size": settings.main, "format": settings.pixel_format},
                lores={"size": settings.lores, "format": settings.pixel_format},
                raw=None,  # nobody looks at it, and small boards have no memory for it
                transform=libcamera.Transform(hflip=turned, vflip=turned),
                buffer_count=BUFFERS,
                controls=given,
                display=None,
                queue=False,  # no request is kept back for a capture that never comes
            )
            camera.configure(wanted)
        except (RuntimeError, OSError, ValueError, TypeError) as error:
            raise named(error, "picamera_refused") from error
        made = camera.camera_configuration()
        for stream, asked in zip(STREAMS, (settings.main, settings.lores), strict=True):
            (width, height), form = made[stream]["size"], made[stream]["format"]
            if form not in FORMATS:
                raise Trouble("picamera_refused", f"{stream}: {form}")
            self._layouts[stream] = Layout(form, width, height, made[stream]["stride"])
            masks = settings.main_masks if stream == "main" else settings.lores_masks
            self._masks[stream] = fitted(masks, asked, (width, height))

    def _start(self) -> None:
        settings = self._settings
        self._camera.pre_callback = self._picture
        encoder = H264Encoder(
            bitrate=settings.bitrate, repeat=True, iperiod=settings.fps * KEY_EVERY_S, framerate=settings.fps
        )
        self._tap.encoder = encoder
        try:
            self._camera.start_encoder(encoder, self._tap, name="main")
        except (RuntimeError, OSError, KeyError, ValueError, AttributeError) as error:
            raise named(error, "picamera_encoder") from error
        try:
            self._camera.start()
            later = after_start(settings, libcamera.controls)
            if later:
                self._camera.set_controls(later)
        except (RuntimeError, OSError) as error:
            raise named(error, "picamera_stack") from error

    def _picture(self, request: Any) -> None:
        """In the camera's thread, before encoding. If this raises, the picture is not encoded and the thread ends."""
        try:
            for stream, masks in self._masks.items():
                if masks:
                    with self.map(request, stream, write=True) as mapped:
                        paint(self.planes(mapped, stream), masks)
        except BaseException as error:
            self._outbox.fail(Trouble("picamera_mask", f"{type(error).__name__}: {error}"))
            raise
        self.pictures += 1
        at_ns = int(request.get_metadata()["SensorTimestamp"])
        if self._grid.takes(at_ns, self._idle()):
            request.acquire()
            self._outbox.seen(Seen(request, at_ns, self.pictures - 1))


def _sensor_hdr(camera: Mapping[str, Any], wanted: bool) -> None:
    """Switch the Camera Module 3 to high dynamic range, or back: it keeps what was set last. Before it is opened.

    Raises Trouble: picamera_refused, when another camera should.
    """
    model = str(camera.get("Model", ""))
    if not model.startswith(HDR_MODEL):
        if wanted:
            raise Trouble("picamera_refused", f"`hdr: sensor` ({model})")
        return
    try:
        from picamera2.devices.imx708 import IMX708  # noqa: PLC0415  # older libraries do not have it

        with IMX708(camera["Num"]) as sensor:
            sensor.set_sensor_hdr_mode(wanted)
    except (RuntimeError, OSError, ImportError) as error:
        if wanted:
            raise Trouble("picamera_refused", f"`hdr: sensor`: {error}") from error
