"""Empty streets that scenes play on: medians of the real clips, cut to 16:9, with how tall a person is where.

Where a clip is absent the drawn street of `deploy.scene` stands in (`Plate.drawn`): good for tests of code, not for
figures.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from agent.values import Picture
from deploy import scene as drawing
from tests.scenes import sources
from tests.scenes.store import kept
from tests.scenes.values import HEIGHT, WIDTH

NIGHT_LEVEL, NIGHT_GAMMA = 150, 1.25  # an infrared lamp: bright in the middle, the rest falls off


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of which clip: left, top, width in pixels of the clip (the height follows from 16:9)."""

    clip: str
    every: int  # each so many-th picture goes into the median
    left: int
    top: int
    width: int
    slope: float  # a person's height in clip pixels grows by this per pixel of the foot's row …
    base: float  # … from this in row 0


# Heights on vtest: least squares over its ground truth (h = 0.228 y + 19). On the highway a car's width, about a
# person's height, was measured by eye: 10 pixels at row 60, 40 at row 190. From above all are the same.
CUTS = {
    "yard": Cut("vtest", 15, 150, 150, 576, 0.228, 19.0),
    "street": Cut("vtest", 15, 0, 100, 768, 0.228, 19.0),
    "road": Cut("highway", 10, 0, 60, 320, 0.23, -3.7),
    "lot": Cut("carpark", 9, 0, 0, 768, 0.0, 85.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """An empty picture and its perspective."""

    picture: Picture = field(repr=False)  # (360, 640, 3) BGR
    slope: float
    base: float
    drawn: bool

    def unit(self, y: float) -> float:
        """How many pixels a person is tall whose foot is at `y`, 0..1."""
        return max(self.base + self.slope * y * HEIGHT, 8.0)


@cache
def plate(name: str, light: str = "day") -> Plate:
    """A plate of CUTS by day or by night. Raises KeyError, AssetError."""
    cut = CUTS[name]
    path = sources.find(cut.clip)
    if path is None:
        first = next(drawing.street(seconds=1)).to_ndarray(format="bgr24")  # nobody has come yet
        empty = cv2.resize(first, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        slope, base = 0.42, 20 * HEIGHT / drawing.HEIGHT - 0.42 * drawing.HORIZON * HEIGHT / drawing.HEIGHT
        return Plate(_lit(np.asarray(empty, np.uint8), light), slope, base, True)
    zoom = WIDTH / cut.width
    return Plate(seen(name, light, (0.0, 0.0)), cut.slope, zoom * (cut.base + cut.slope * cut.top), False)


def seen(name: str, light: str, shift: tuple[float, float]) -> Picture:
    """What a camera sees that is turned so that all moves by `shift` pixels (right, down). Not of a drawn plate."""
    cut = CUTS[name]
    path = sources.find(cut.clip)
    assert path is not None
    whole = _whole(path, cut.every)
    zoom = WIDTH / cut.width
    matrix = np.array([[zoom, 0, shift[0] - zoom * cut.left], [0, zoom, shift[1] - zoom * cut.top]], np.float32)
    kind = cv2.INTER_LINEAR if zoom < 1 else cv2.INTER_CUBIC
    picture = cv2.warpAffine(whole, matrix, (WIDTH, HEIGHT), flags=kind, borderMode=cv2.BORDER_REFLECT_101)
    return _lit(np.asarray(picture, np.uint8), light)


@cache
def _whole(path: Path, every: int) -> Picture:
    return np.asarray(kept(f"plate-{path.stem}", lambda: {"median": sources.median(path, every)})["median"], np.uint8)


def native_unit(name: str, row: float) -> float:
    """A person's height in pixels of the clip itself, foot in `row`."""
    return max(CUTS[name].base + CUTS[name].slope * row, 4.0)


def lamp() -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """(360, 640) share of light that an infrared lamp at the camera gives each pixel."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    distance = ((columns / WIDTH - 0.5) / 0.62) ** 2 + ((rows / HEIGHT - 0.55) / 0.68) ** 2
    return np.asarray(np.clip(1.05 * np.exp(-distance), 0.12, 1.0), np.float32)


def night(picture: Picture) -> Picture:
    """Colour by day to grey under an infrared lamp: what a camera with its filter open sees."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    level = NIGHT_LEVEL * grey**NIGHT_GAMMA * lamp() + 14
    return np.asarray(np.repeat(np.clip(level, 0, 255)[:, :, None], 3, axis=2), np.uint8)


def _lit(picture: Picture, light: str) -> Picture:
    return night(picture) if light == "night" else picture
