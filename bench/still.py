"""A street where nothing moves, as a camera sends it: sensor noise that is new in each picture, a constant bit rate.

Made once from the street video's median picture and kept in the cache; played over and over by the stand-in camera.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from agent.values import Picture
from bench.camera_like import FPS, SIZES, Size, write_stream
from bench.truth import Absent
from deploy.assets import street_video
from deploy.fetch import cache_dir

__all__ = ["SIZES", "Size", "still_stream"]

SECONDS = 12
SAMPLES = 40
NOISE = 4.0  # standard deviation in grey levels
FORM = 5  # raised whenever the pictures change, so that nobody measures an old file


def still_stream(size: Size) -> Path:
    """An H.264 byte stream. Raises Absent."""
    path = cache_dir() / f"still-{FORM}-{size.name}.h264"
    if not path.exists():
        write_stream(path, size, _noisy(_empty_street(), size))
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


def _noisy(street: Picture, size: Size) -> Iterator[Picture]:
    scaled = cv2.resize(street, (size.width, size.height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    generator = np.random.default_rng(1)
    noise = generator.normal(0, NOISE, (2 * size.height, 2 * size.width)).astype(np.int16)
    for _ in range(SECONDS * FPS):
        top, left = generator.integers(0, size.height), generator.integers(0, size.width)
        picture = scaled + noise[top : top + size.height, left : left + size.width, None]
        yield np.clip(picture, 0, 255).astype(np.uint8)
