"""Streets with one person of a known height in them, by day, at dusk and by night: what `bench reach` looks at.

People are cut from the street video along its ground truth and put on its empty median, so the look is real and the
truth exact. Night is grey as under an infrared lamp at the camera; dusk is colour with a fifth of the light. Grain is
that of a small sensor, and the picture goes through JPEG as a camera's does through its encoder.

By infrared light cloth, lawn and asphalt are brighter or darker than by day, each in a way that is not known here:
clothes keep the contrast to the ground that they have by day.
"""

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from agent.clock import MediaClock
from agent.values import Box, Frame, Picture
from bench.truth import Absent
from tests.scenes import looks, plates

PEOPLE = [name for name in looks.LOOKS if name.startswith("person-")]
PLATES = ("yard", "street")
DUSK = 0.2  # of the light of day
GRAIN = {"day": 2.0, "dusk": 5.0, "night": 6.0}  # grey levels, standard deviation
JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """An empty street by day and the light it is shown in. Sizes: (height, width)."""

    empty: Picture = field(repr=False)
    light: str

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.empty.shape[0], self.empty.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A cut-out in the wanted height, and where its opaque part lies in it: left, top, right, bottom."""

    picture: Picture = field(repr=False)
    alpha: Picture = field(repr=False)
    inner: tuple[int, int, int, int]


def street(number: int, light: str, height: int) -> Street:
    """The `number`-th street, 16:9, of so many rows. Raises Absent where the real video is not here."""
    plate = plates.plate(PLATES[number % len(PLATES)])
    if plate.drawn or looks.look(PEOPLE[0]).drawn:
        raise Absent("the street video and its ground truth are not here: people can only be cut from them")
    size = (height * 16 // 9, height)
    empty = cv2.resize(plate.picture, size, interpolation=cv2.INTER_CUBIC)
    return Street(np.asarray(empty, np.uint8), light)


def person(random: np.random.Generator, number: int, height: int) -> Person:
    """The `number`-th person, in some step, `height` pixels tall, facing either way."""
    sprites = looks.look(PEOPLE[number % len(PEOPLE)]).sprites
    return scaled(sprites[int(random.integers(len(sprites)))], height, mirrored=bool(random.integers(2)))


def scaled(sprite: looks.Sprite, height: int, *, mirrored: bool) -> Person:
    """The cut-out so that its opaque part is `height` pixels tall."""
    _, top, _, bottom = sprite.inner
    zoom = height / (bottom - top)
    kind = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    size = tuple(max(1, round(side * zoom)) for side in sprite.alpha.shape[::-1])
    picture, alpha = (
        np.asarray(cv2.resize(each, size, interpolation=kind), np.uint8) for each in (sprite.picture, sprite.alpha)
    )
    if mirrored:
        picture, alpha = picture[:, ::-1], alpha[:, ::-1]
    solid = alpha > 127
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return Person(picture, alpha, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def place(scene: Street, someone: Person, random: np.random.Generator, way: int) -> tuple[int, int]:
    """A left top corner from which somebody goes `way` pixels to the right and stays in the picture."""
    left, top, right, bottom = someone.inner
    height, width = scene.size
    x = random.integers(max(0, -way), max(1, width - (right - left) - max(0, way)))
    # Feet on the ground, which begins a third down; a tall person stands where there is room.
    lowest = height - (bottom - top)
    y = random.integers(min(height // 3, lowest), lowest + 1)
    return int(x) - left, int(y) - top


def seen(scene: Street, someone: Person, corner: tuple[int, int], random: np.random.Generator) -> tuple[Picture, Box]:
    """The street with the person in it as the camera gives it, and the true box, 0..1."""
    picture = scene.empty.astype(np.float32)
    x, y = corner
    rows, columns = someone.alpha.shape
    height, width = scene.size
    top, left, bottom, right = max(0, y), max(0, x), min(height, y + rows), min(width, x + columns)
    cut = slice(top - y, bottom - y), slice(left - x, right - x)
    share = someone.alpha[cut][:, :, None].astype(np.float32) / 255
    under = picture[top:bottom, left:right]
    picture[top:bottom, left:right] = under + share * (someone.picture[cut] - under)
    shown = camera(np.clip(picture, 0, 255).astype(np.uint8), scene.light, random)
    a, b, c, d = someone.inner
    return shown, Box((x + a) / width, (y + b) / height, (x + c) / width, (y + d) / height)


def camera(picture: Picture, light: str, random: np.random.Generator) -> Picture:
    """Light, grain and compression."""
    height, width = picture.shape[:2]
    if light == "night":
        lamp = np.asarray(cv2.resize(plates.lamp(), (width, height)))[:, :, None]
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:, :, None].astype(np.float32) / 255
        lit = np.repeat(plates.NIGHT_LEVEL * grey**plates.NIGHT_GAMMA * lamp + 14, 3, axis=2)
    else:
        lit = picture * np.float32(DUSK if light == "dusk" else 1.0)
    # Colour is interpolated from single pixels and coded in half the size: its grain is faint beside luma's. One sheet
    # of grain, shifted at random, is as good as fresh grain, in a tenth of the time.
    grain = np.roll(_grain(height, width), random.integers(0, (height, width)), axis=(0, 1))
    noisy = lit + np.float32(GRAIN[light]) * grain
    _, data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


@cache
def _grain(height: int, width: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(1).standard_normal((height, width, 1), np.float32)


def frame_of(picture: Picture, at_s: float = 0.0) -> Frame:
    """A BGR picture as the frame of that media second."""
    clock = MediaClock()
    clock.advance(at_s)
    height, width = picture.shape[:2]
    planar = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    luma, chroma = planar[: width * height], planar[width * height :].reshape(2, height // 2, width // 2)
    return Frame("bench", 0, round(at_s * 1000), clock.now(), luma.reshape(height, width), chroma[0], chroma[1])
