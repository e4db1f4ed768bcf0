"""Regions that may be looked at: squares around each place and around neighbours joined two by two; and the whole."""

import math

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]
MIN_SIDE = 0.45  # of the picture's height: objects then fill the part of a crop that detectors are trained on
MIN_SIDE_PX = 200  # less is only blown-up pixels
MARGIN = 0.15  # of a place's larger side, around it


def proposed(places: Boxes, width: int, height: int) -> Boxes:
    """`places` (n, 4) left, top, right, bottom in pixels of the picture; gives (2n, 4) inside of it, the whole picture
    last.

    Single linkage by the side of the square around a pair: the last square holds all places.
    """
    margin = MARGIN * (places[:, 2:] - places[:, :2]).max(axis=1, keepdims=True)
    found = np.empty((2 * len(places) - 1, 4))
    found[: len(places)] = np.concatenate([places[:, :2] - margin, places[:, 2:] + margin], axis=1)
    groups = list(range(len(places)))
    for made in range(len(places), len(found)):
        now = found[groups]
        low = np.minimum(now[:, None, :2], now[None, :, :2])
        high = np.maximum(now[:, None, 2:], now[None, :, 2:])
        sides = (high - low).max(axis=2)
        sides[np.tril_indices(len(groups))] = np.inf
        one, other = divmod(int(sides.argmin()), len(groups))
        found[made] = (*low[one, other], *high[one, other])
        del groups[other], groups[one]  # `other` is the later of the two
        groups.append(made)
    squares = [_square(group, (width, height)) for group in found.tolist()]
    return np.array([*squares, (0.0, 0.0, float(width), float(height))])


def smallest_side(height: int, width: int) -> float:
    """Of a region in a picture of that size, in pixels."""
    return min(max(MIN_SIDE * height, MIN_SIDE_PX), height, width)


def _square(group: list[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = group
    width, height = size
    side = max(smallest_side(height, width), right - left, bottom - top)
    across, down = min(math.ceil(side), width), min(math.ceil(side), height)
    x = math.floor(min(max((left + right - across) / 2, 0.0), width - across))
    y = math.floor(min(max((top + bottom - down) / 2, 0.0), height - down))
    return float(x), float(y), float(x + across), float(y + down)
