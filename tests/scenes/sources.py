"""The real clips that plates and cut-outs are taken from, as pictures; None where a clip cannot be had."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np

from agent.values import Picture
from deploy import assets

# vtest: a junction with people, 768x576 at 10 fps. highway: a motorway from a bridge, 320x240 at 25 fps.
# carpark: straight from above, 768x432 at 12.5 fps.
BESIDE = {"highway": "bgslibrary_video02_highway.avi", "carpark": "car-detection.mp4"}
CLIPS = ("vtest", *BESIDE)


def find(name: str) -> Path | None:
    """The clip of that name in CLIPS; None: it cannot be had here. Raises AssetError, KeyError."""
    if name == "vtest":
        video = assets.street_video()
        return None if video.rendered else video.path
    path = assets.BESIDE / "video" / BESIDE[name]
    return path if path.is_file() else None


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
