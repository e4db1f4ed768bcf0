"""Videos for tests, made once per session: real street pictures where the data is at hand, and drawn ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

STREET = Path(__file__).parents[3] / "shared" / "data" / "video" / "vtest.avi"


@dataclass(frozen=True)
class Recipe:
    """How to encode."""

    codec: str = "libx264"
    fps: int = 10
    gop: int = 20
    b_frames: int = 0
    pix_fmt: str = "yuv420p"
    container: str = "mp4"


def encode(pictures: Iterator[av.VideoFrame], target: Path, recipe: Recipe) -> Path:
    with av.open(str(target), "w", format=recipe.container) as container:
        stream = None
        for number, picture in enumerate(pictures):
            if stream is None:
                options = {"preset": "ultrafast", "g": str(recipe.gop), "bf": str(recipe.b_frames)}
                if recipe.codec == "libx265":
                    params = f"log-level=none:keyint={recipe.gop}:min-keyint={recipe.gop}:bframes={recipe.b_frames}"
                    options = {"preset": "ultrafast", "x265-params": params}
                stream = container.add_stream(recipe.codec, rate=recipe.fps, options=options)
                assert isinstance(stream, av.VideoStream)
                stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, recipe.pix_fmt
                stream.codec_context.thread_count = 1
            fresh = picture.reformat(format=recipe.pix_fmt)
            fresh.pts, fresh.time_base = number, Fraction(1, recipe.fps)
            fresh.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(fresh))
        assert stream is not None
        container.mux(stream.encode(None))
    return target


def drawn(count: int, width: int = 320, height: int = 180) -> Iterator[av.VideoFrame]:
    """A bright block that walks to the right; the luma of the upper left corner is five times its number."""
    for number in range(count):
        pixels = np.full((height, width, 3), 60, np.uint8)
        left = number * 4 % (width - 40)
        pixels[height // 2 : height // 2 + 40, left : left + 40] = 220
        pixels[:16, :16] = number * 5 % 256
        yield av.VideoFrame.from_ndarray(pixels, format="rgb24")


def street(source: Path, count: int) -> Iterator[av.VideoFrame]:
    with av.open(str(source)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            if number == count:
                return
            yield picture
