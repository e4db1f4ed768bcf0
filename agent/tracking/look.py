"""What a standing vehicle looks like, and whether it still does: a few grey levels, compared by correlation.

The look is taken at a fixed place, so that a wavering box does not matter. Its mean and its contrast are taken out
(zero-mean normalised cross-correlation; Lewis 1995), and before that what changes slowly over it: a lamp that is
switched on, a headlight that sweeps by, a shadow that grows, an exposure step leave it nearly as it was.
"""

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Box, Picture

ROWS, COLUMNS = 12, 16
SMOOTH = 7  # cells: what is wider than this is light, what is narrower is the thing
INSET = 0.08  # of the box on each side is mostly road
SMALLEST_PX = 5  # of the small picture; less shows nothing
FLAT = 2.0  # grey levels: less contrast than this is noise
LEVELS = 400.0  # bytes per unit; the 192 numbers of a look have squares that sum to 1

Look = npt.NDArray[np.float32]  # (192,), mean 0, length 1


def look_at(luma: Picture, box: Box) -> Look | None:
    """The look of a place in (rows, columns) luma; None where nothing is to be seen: too small, too dark, blank."""
    inside = box.clipped()
    rows, columns = luma.shape
    x, y = INSET * inside.width, INSET * inside.height
    left, right = round((inside.left + x) * columns), round((inside.right - x) * columns)
    top, bottom = round((inside.top + y) * rows), round((inside.bottom - y) * rows)
    if right - left < SMALLEST_PX or bottom - top < SMALLEST_PX:
        return None
    cells = cv2.resize(luma[top:bottom, left:right], (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    return _normal(cells - cv2.blur(cells, (SMOOTH, SMOOTH)), FLAT)


def likeness(one: Look, other: Look) -> float:
    """-1..1; 1 is the same, 0 has nothing to do with it."""
    return float(one @ other)


def packed(look: Look) -> bytes:
    """192 bytes."""
    return bytes(np.clip(np.rint(look * LEVELS) + 128, 0, 255).astype(np.uint8))


def unpacked(data: bytes) -> Look | None:
    """From `packed`; None for what is none."""
    if len(data) != ROWS * COLUMNS:
        return None
    return _normal(np.frombuffer(data, np.uint8).astype(np.float32), FLAT)


def _normal(cells: npt.NDArray[np.float32], least: float) -> Look | None:
    flat = cells.ravel() - cells.mean()
    length = float(np.linalg.norm(flat))
    if length < least * np.sqrt(flat.size):
        return None
    return np.asarray(flat / length, np.float32)
