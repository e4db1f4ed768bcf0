"""The GStreamer pipeline of a Jetson's camera, as the arguments of `gst-launch-1.0`; no shell ever sees them.

In: a camera's section and the file descriptors of the child. Out: one Matroska stream with two tracks on one clock, the
encoded main stream and small raw pictures. `Elements` names the parts, so that others can stand in for NVIDIA's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from agent.capture.masks import Rectangle
from agent.config.camera import CameraSection

PROGRAM = "gst-launch-1.0"
KEY_EVERY_S = 2
SMALL_WIDTH = 640
LEAST_FPS = 1  # of the small pictures: the main stream waits in the muxer for the next of them
ENCODER_NODES = ("v4l2-nvenc", "nvhost-msenc")  # JetPack 5 and 6; JetPack 4


@dataclass(frozen=True, slots=True)
class Elements:
    """What the pipeline is made of, in the words of gst-launch. {number}, {bps}, {kbps} and {gop} are filled in."""

    source: str
    memory: str  # the feature of its caps: where its pictures lie
    convert: str  # scales and converts, into and out of that memory
    turn: str  # by 180 degrees
    encoder: str  # NV12 in that memory to H.264
    name: str  # of the encoder, for health


JETSON = Elements(
    source="nvarguscamerasrc sensor-id={number}",
    memory="(memory:NVMM)",
    convert="nvvidconv",
    turn="nvvidconv flip-method=2",
    encoder="nvv4l2h264enc bitrate={bps} iframeinterval={gop} idrinterval={gop} insert-sps-pps=true insert-vui=true",
    name="nvv4l2h264enc",
)
# Orin Nano has no video encoder.
JETSON_NO_ENCODER = Elements(
    source=JETSON.source,
    memory=JETSON.memory,
    convert=JETSON.convert,
    turn=JETSON.turn,
    encoder="nvvidconv ! video/x-raw,format=I420 ! "
    "x264enc bitrate={kbps} key-int-max={gop} tune=zerolatency speed-preset=ultrafast",
    name="x264enc",
)


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Open files that the child inherits: where the stream goes, and the mask's picture."""

    stream: int
    overlay: int | None


def jetson_elements(devices: Path = Path("/dev")) -> Elements:
    """Of this Jetson: with its own encoder where it has one."""
    return JETSON if any((devices / node).exists() for node in ENCODER_NODES) else JETSON_NO_ENCODER


def small_size(width: int, height: int) -> tuple[int, int]:
    """Of the pictures for analysis: multiples that GStreamer stores without gaps (luma by 8, lines by 2)."""
    small = min(SMALL_WIDTH, width) // 8 * 8
    return small, max(2, round(small * height / width / 2) * 2)


def arguments(camera: CameraSection, elements: Elements, files: Descriptors) -> tuple[str, ...]:
    """The whole command."""
    wanted = camera.argus
    filled = {
        "number": camera.number,
        "bps": wanted.bitrate_kbps * 1000,
        "kbps": wanted.bitrate_kbps,
        "gop": wanted.fps * KEY_EVERY_S,
    }
    # The size is pinned wherever a part could scale: the small branch would else shrink both.
    whole = f"format=NV12,width={wanted.width},height={wanted.height}"
    width, height = small_size(wanted.width, wanted.height)
    rate = Fraction(min(max(camera.analysis_fps, LEAST_FPS), wanted.fps)).limit_denominator(1000)
    chain = [
        "matroskamux name=mux streamable=true",
        f"! fdsink fd={files.stream} sync=false",
        elements.source.format(**filled),
        f"! video/x-raw{elements.memory},{whole},framerate={wanted.fps}/1",
        f"! {elements.turn} ! video/x-raw{elements.memory},{whole}" if wanted.rotation else "",
        *_masked(elements, whole, files.overlay),
        "! tee name=t",
        # Late pictures are left out before they are encoded, where that harms no other.
        "t. ! queue leaky=downstream max-size-buffers=4 max-size-bytes=0 max-size-time=0",
        f"! {elements.encoder.format(**filled)} ! h264parse",
        "! queue max-size-buffers=0 max-size-bytes=0 max-size-time=5000000000 ! mux.",
        "t. ! queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0",
        f"! videorate drop-only=true ! video/x-raw{elements.memory},framerate={rate.numerator}/{rate.denominator}",
        f"! {elements.convert} ! video/x-raw,format=I420,width={width},height={height}",
        "! queue leaky=downstream max-size-buffers=4 max-size-bytes=0 max-size-time=0 ! mux.",
    ]
    return (PROGRAM, "-q", *" ".join(chain).split())


def _masked(elements: Elements, whole: str, overlay: int | None) -> Sequence[str]:
    # Masks are drawn by an element of the standard plugins, which sees ordinary memory only.
    if overlay is None:
        return ()
    return (
        f"! {elements.convert} ! video/x-raw,{whole}",
        f"! gdkpixbufoverlay location=/proc/self/fd/{overlay}",
        f"! {elements.convert} ! video/x-raw{elements.memory},{whole}",
    )


def overlay_picture(rectangles: Sequence[Rectangle], width: int, height: int) -> bytes:
    """A PNG of this size: opaque black in the rectangles, nothing elsewhere."""
    pixels = np.zeros((height, width, 4), np.uint8)
    for one in rectangles:
        pixels[one.top : one.bottom, one.left : one.right, 3] = 255
    return cv2.imencode(".png", pixels)[1].tobytes()
