"""How far from the camera a person is still found: measured limits in pixels, and a lens that makes metres of them.

`LIMITS` are what `python -m bench reach` measured: the height in pixels of the analysed picture from which on a walker
is followed in 8 of 10 pictures. The bench compares them with what it measures anew.
"""

import math
from dataclasses import dataclass

RECALL = 0.8
PERSON_M = 1.65
# The diagonal of a "1/N inch" sensor: 18 mm / N for those smaller than half an inch, 16 mm / N for larger ones.
INCH_MM, LARGE_INCH_MM, LARGE = 18.0, 16.0, 2.0
LENSES_MM = (2.8, 4.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class Limit:
    """The smallest person that is followed, in pixels of a picture with so many rows; None: not reliably at all."""

    model: str  # the family: ssd, yolox
    light: str  # day, dusk, night
    rows: int
    pixels: float | None

    @property
    def key(self) -> str:
        """Its name in figures."""
        return f"{self.model}_{self.light}_{self.rows}"


LIMITS: tuple[Limit, ...] = (
    Limit("ssd", "day", 360, 49.0),
    Limit("ssd", "day", 720, 58.0),
    Limit("ssd", "night", 360, 71.0),
    Limit("ssd", "night", 720, 103.0),
    Limit("ssd", "dusk", 360, 90.0),
    Limit("yolox", "day", 360, 40.0),
    Limit("yolox", "day", 720, 54.0),
    Limit("yolox", "night", 360, 85.0),
    Limit("yolox", "night", 720, None),
    Limit("yolox", "dusk", 360, 90.0),
)


@dataclass(frozen=True, slots=True)
class View:
    """What a lens sees in a picture of `width` x `rows` pixels; `focal_px` is its focal length in pixels."""

    width: int
    rows: int
    focal_px: float

    @property
    def angle_deg(self) -> float:
        """How wide it sees, from left to right."""
        return math.degrees(2 * math.atan(self.width / 2 / self.focal_px))

    def reach_m(self, limit_px: float, height_m: float = PERSON_M) -> float:
        """How far away something `height_m` tall is `limit_px` tall: a pinhole camera, in the middle of the picture."""
        return self.focal_px * height_m / limit_px


def of_lens(lens_mm: float, sensor: float, size: tuple[int, int]) -> View:
    """`sensor` is N of a 1/N inch sensor, of which the whole width is used; `size` is (width, rows) of the picture."""
    width, rows = size
    diagonal_mm = (INCH_MM if sensor > LARGE else LARGE_INCH_MM) / sensor
    return View(width, rows, lens_mm / diagonal_mm * math.hypot(width, rows))


def of_angle(angle_deg: float, size: tuple[int, int]) -> View:
    """By how wide the camera sees, from left to right."""
    width, rows = size
    return View(width, rows, width / 2 / math.tan(math.radians(angle_deg) / 2))


def limit_px(model: str, light: str, rows: int) -> float | None:
    """The limit for a picture of `rows`, between and beyond those measured in proportion; None: nothing is promised.

    A picture smaller than measured is not better than the smallest measured.
    """
    known = sorted((each.rows, each.pixels) for each in LIMITS if (each.model, each.light) == (model, light))
    usable = [(height, pixels) for height, pixels in known if pixels is not None]
    if not usable:
        return None
    (low, low_px), (high, high_px) = usable[0], usable[-1]
    if rows <= low:
        return low_px
    if rows >= high:
        return high_px * rows / high  # the model looks at a share of the picture, whatever its size
    return low_px + (high_px - low_px) * (rows - low) / (high - low)


def reach_m(view: View, model: str, light: str) -> float | None:
    """Metres up to which somebody is followed; None: nothing is promised."""
    limit = limit_px(model, light, view.rows)
    return None if limit is None else view.reach_m(limit)
