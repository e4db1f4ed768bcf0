"""Cars that drive through a car park, filmed from above, as a camera sends it at 15 pictures a second.

Made once and kept in the cache; played over and over by the stand-in camera. The clip keeps its own pace, so its gaps
stay as long as they are: of its 12.5 pictures a second every fifth is shown twice.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2

from agent.values import Picture
from bench.camera_like import FPS, Size, write_stream
from bench.truth import Absent
from deploy.assets import CARPARK_HOWTO, carpark_video
from deploy.fetch import cache_dir

FORM = 1  # raised whenever the pictures change, so that nobody measures an old file


def carpark_stream(size: Size) -> Path:
    """An H.264 byte stream. Raises Absent."""
    path = cache_dir() / f"carpark-{FORM}-{size.name}.h264"
    if not path.exists():
        video = carpark_video()
        if video is None:
            raise Absent(CARPARK_HOWTO.en)
        write_stream(path, size, _resampled(video, size))
    return path


def stream_seconds(path: Path) -> float:
    """How long one such stream plays."""
    with av.open(str(path), format="h264") as container:
        pictures: int = sum(packet.size > 0 for packet in container.demux(video=0))
    return pictures / FPS


def _resampled(video: Path, size: Size) -> Iterator[Picture]:
    shown = 0
    with av.open(str(video)) as container:
        for picture in container.decode(video=0):
            scaled = cv2.resize(
                picture.to_ndarray(format="bgr24"), (size.width, size.height), interpolation=cv2.INTER_CUBIC
            )
            while shown / FPS <= float(picture.time or 0.0):
                shown += 1
                yield scaled
