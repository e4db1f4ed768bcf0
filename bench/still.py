"""A street where nothing moves, as a camera sends it: sensor noise that is new in each picture, a constant bit rate.

Made once from the street video's median picture and kept in the cache; played over and over by the stand-in camera.
"""

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from agent.values import Picture
from bench.truth import Absent
from deploy.assets import street_video
from deploy.fetch import cache_dir

FPS = 15
GOP_S = 2  # what most cameras are set to
SECONDS = 12
SAMPLES = 40
FORM = 5  # raised whenever the pictures change, so that nobody measures an old file


@dataclass(frozen=True)
class Size:
    """Bit rates as a maker's guide asks them for 15 pictures a second: 1 Mbit/s for 640x360, 3 Mbit/s for 1080p.

    Unifore, "Simple guide of IP camera bitrate setting". At 1080p and 4 Mbit/s, which it asks for 20 pictures and
    more, the ratio was 0.154 where it was 0.146 here: more of what idling costs is then key frames.
    """

    name: str
    width: int
    height: int
    kbps: int
    noise: float  # standard deviation in grey levels; scaling down averages it


SIZES = (Size("360p", 640, 360, 1000, 4.0), Size("1080p", 1920, 1080, 3000, 4.0))


def still_stream(size: Size) -> Path:
    """An H.264 byte stream. Raises Absent."""
    path = cache_dir() / f"still-{FORM}-{size.name}.h264"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        _encode(size, _empty_street(), unfinished)
        unfinished.rename(path)
    return path


def _empty_street() -> Picture:
    pictures = []
    with av.open(str(street_video().path)) as container:
        count = container.streams.video[0].frames or 800
        for number, picture in enumerate(container.decode(video=0)):
            if number % max(count // SAMPLES, 1) == 0:
                pictures.append(picture.to_ndarray(format="bgr24"))
    if not pictures:
        raise Absent("the street video has no pictures")
    return np.asarray(np.median(np.stack(pictures), axis=0), np.uint8)


def _encode(size: Size, street: Picture, target: Path) -> None:
    scaled = cv2.resize(street, (size.width, size.height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    generator = np.random.default_rng(1)
    noise = generator.normal(0, size.noise, (2 * size.height, 2 * size.width)).astype(np.int16)
    rate = f"nal-hrd=cbr:vbv-maxrate={size.kbps}:vbv-bufsize={2 * size.kbps}"
    with av.open(str(target), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = (
            size.width,
            size.height,
            "yuv420p",
            size.kbps * 1000,
        )
        stream.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "g": str(FPS * GOP_S),
            "bf": "0",
            "x264-params": f"scenecut=0:threads=1:{rate}",
        }
        for _ in range(SECONDS * FPS):
            top, left = generator.integers(0, size.height), generator.integers(0, size.width)
            picture = scaled + noise[top : top + size.height, left : left + size.width, None]
            frame = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
