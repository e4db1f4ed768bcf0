"""What actors look like: sequences of cut-outs with soft edges, taken from the real clips or drawn.

People walk through their real steps; a vehicle shows the cut-out nearest in size, so that it turns with the
perspective it was filmed in. Where a clip is absent drawn figures stand in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from agent.values import Picture
from tests.scenes import cutouts, drawn, sources
from tests.scenes.store import kept

Alpha = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """One cut-out. `unit`: how many of its pixels a person at its place is tall."""

    picture: Picture = field(repr=False)  # (h, w, 3) BGR
    alpha: Alpha = field(repr=False)  # (h, w) 0..255
    unit: float

    @property
    def inner(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of what is more than half opaque, in its pixels."""
        rows = np.flatnonzero((self.alpha > 127).any(axis=1))
        columns = np.flatnonzero((self.alpha > 127).any(axis=0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A sequence of cut-outs. `faces`: -1 to the left, 1 to the right, 0 when it never is mirrored."""

    name: str
    label: str
    sprites: tuple[Sprite, ...] = field(repr=False)
    inner: tuple[tuple[int, int, int, int], ...] = field(repr=False)
    faces: int = 0
    stride: float = 0.0  # way from one sprite to the next, in persons' heights; 0: chosen by size
    rest: int = 0  # the sprite in which it stands still
    drawn: bool = False


@cache
def look(name: str) -> Look:
    """A look of LOOKS. Raises KeyError, AssetError."""
    return LOOKS[name](name)


def _person(run: cutouts.Run) -> Callable[[str], Look]:
    def make(name: str) -> Look:
        street = sources.find("vtest")
        if street is None or not cutouts.truth_here():
            return _figure("person", drawn.person, faces=1)(name)
        arrays = kept(name, lambda: cutouts.people(street, run))
        sprites = _unpacked(arrays)
        widths = [each.inner[2] - each.inner[0] for each in sprites]
        stride = float(arrays["stride"])
        return Look(name, "person", sprites, _inners(sprites), run.faces, stride, int(np.argmin(widths)))

    return make


def _vehicle(run: cutouts.Drive, label: str) -> Callable[[str], Look]:
    def make(name: str) -> Look:
        clip = sources.find(run.clip)
        if clip is None:
            return _figure(label, drawn.car, faces=1)(name)
        sprites = _unpacked(kept(name, lambda: cutouts.drive(clip, run)))
        return Look(name, label, sprites, _inners(sprites))

    return make


def _figure(label: str, draw: Callable[[], list[drawn.Figure]], faces: int = 0) -> Callable[[str], Look]:
    def make(name: str) -> Look:
        sprites = tuple(Sprite(each.picture, each.alpha, each.unit) for each in draw())
        return Look(name, label, sprites, _inners(sprites), faces, 0.08 if len(sprites) > 1 else 0.0, 0, True)

    return make


def _unpacked(arrays: dict[str, npt.NDArray[np.uint8]]) -> tuple[Sprite, ...]:
    count = len([key for key in arrays if key.startswith("alpha")])
    return tuple(Sprite(arrays[f"picture{i}"], arrays[f"alpha{i}"], float(arrays["unit"][i])) for i in range(count))


def _inners(sprites: tuple[Sprite, ...]) -> tuple[tuple[int, int, int, int], ...]:
    return tuple(each.inner for each in sprites)


# People of vtest by the number that its ground truth gives them, where nobody else is near. Vehicles by the second and
# the pixel of the highway clip at which each is picked up. All were looked at.
LOOKS: dict[str, Callable[[str], Look]] = {
    "person-black": _person(cutouts.Run(14, 374, 402, 1)),
    "person-jeans": _person(cutouts.Run(13, 352, 388, 1)),
    "person-brown": _person(cutouts.Run(5, 597, 640, -1)),
    "person-paper": _person(cutouts.Run(15, 170, 202, 1)),
    "person-red": _person(cutouts.Run(10, 427, 454, -1)),
    "person-leather": _person(cutouts.Run(2, 745, 782, 1)),
    "person-sports": _person(cutouts.Run(3, 640, 675, -1)),
    "person-cap": _person(cutouts.Run(14, 233, 266, -1)),
    "person-blonde": _person(cutouts.Run(12, 38, 60, -1)),
    "person-waits": _person(cutouts.Run(1, 376, 452, 0)),
    "car-white": _vehicle(cutouts.Drive("highway", 6.40, 134, 175), "car"),
    "car-silver": _vehicle(cutouts.Drive("highway", 7.20, 198, 182), "car"),
    "car-blue": _vehicle(cutouts.Drive("highway", 10.40, 191, 164, 40), "car"),
    "car-grey": _vehicle(cutouts.Drive("highway", 14.00, 135, 166), "car"),
    "car-red": _vehicle(cutouts.Drive("highway", 15.20, 196, 189), "car"),
    "car-light": _vehicle(cutouts.Drive("highway", 11.60, 180, 194), "car"),
    "car-dark": _vehicle(cutouts.Drive("highway", 27.20, 207, 164), "car"),
    "van-white": _vehicle(cutouts.Drive("highway", 28.00, 190, 187), "car"),
    "truck-white": _vehicle(cutouts.Drive("highway", 18.60, 222, 125, 70), "truck"),
    "cyclist": _vehicle(cutouts.Drive("highway", 6.00, 266, 180, 17, False), "bicycle"),
    "lot-white": _vehicle(cutouts.Drive("carpark", 6.40, 350, 200, 60), "object"),
    "lot-red": _vehicle(cutouts.Drive("carpark", 17.04, 386, 190, 60), "object"),
    "motorbike": _figure("motorcycle", drawn.motorbike, faces=1),
    "bus": _figure("bus", drawn.bus),
    "bag": _figure("object", drawn.bag),
    "box": _figure("object", drawn.box),
    "heap": _figure("object", drawn.heap),
    "stall": _figure("object", drawn.stall),
}
