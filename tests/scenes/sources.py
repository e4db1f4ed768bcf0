"""The real clips that plates and cut-outs are taken from, as pictures; None where a clip cannot be had."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np

from agent.values import Picture
from deploy import assets

HIGHWAY, CARPARK = "bgslibrary_video02_highway.avi", "car-detection.mp4"


def street() -> Path | None:
    """vtest: a junction with people, 768x576, 10 pictures per second."""
    video = assets.street_video()
    return None if video.rendered else video.path


def highway() -> Path | None:
    """A motorway from a bridge, 320x240, 25 pictures per second."""
    return _beside(HIGHWAY)


def carpark() -> Path | None:
    """A car park straight from above, 768x432, 12.5 pictures per second."""
    return _beside(CARPARK)


def pictures(path: Path, from_s: float = 0.0, to_s: float = float("inf"), every: int = 1) -> Iterator[Picture]:
    """(height, width, 3) BGR, each `every`th of those from `from_s` up to `to_s`."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 1)
        for index, frame in enumerate(container.decode(stream)):
            if index / rate > to_s:
                return
            if index / rate >= from_s - 1e-6 and index % every == 0:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


@cache
def median(path: Path, every: int) -> Picture:
    """What is there when nobody is: the median of each `every`th picture."""
    return np.asarray(np.median(np.stack(list(pictures(path, every=every))), axis=0), np.uint8)


def _beside(name: str) -> Path | None:
    path = assets.BESIDE / "video" / name
    return path if path.is_file() else None
