"""How sharp a picture is, on some rows of the frame itself: a quarter-scale copy hides mild defocus."""

import numpy as np
import numpy.typing as npt

from agent.values import Picture

ROWS, SEGMENTS = 24, 16
FAR = 4  # pixels: blur of a lens takes neighbours' difference, not that of pixels so far apart
FLOOR = 20.0  # grey levels squared: less contrast than this tells nothing
NOISE_SHARE = 10  # per cent of the segments that are flat: what differs there is noise
Segments = npt.NDArray[np.float32]


def sharpness(luma: Picture) -> tuple[Segments, npt.NDArray[np.bool_]]:
    """Per segment (ROWS, SEGMENTS) the log ratio of fine to coarse contrast, without noise; and where it can be told.

    A ratio of the picture with itself does not depend on the light (compare Crete et al. 2007, who blur again and
    compare). `luma` is (height, width) and may be strided.
    """
    height, width = luma.shape
    rows = (np.arange(ROWS) * 2 + 1) * height // (2 * ROWS)
    across = width // SEGMENTS * SEGMENTS
    lines = luma[rows, :across].astype(np.float32)
    near, far = _energy(lines, 1), _energy(lines, FAR)
    noise = np.float32(np.percentile(near, NOISE_SHARE))
    fine, coarse = np.maximum(near - noise, 0.0), np.maximum(far - noise, 0.0)
    ratio = np.log((fine + np.float32(1.0)) / (coarse + np.float32(FLOOR)))
    return ratio.astype(np.float32), coarse > FLOOR


def _energy(lines: Segments, step: int) -> Segments:
    difference = np.zeros_like(lines)
    np.subtract(lines[:, step:], lines[:, :-step], out=difference[:, step:])
    np.multiply(difference, difference, out=difference)
    return np.asarray(difference.reshape(ROWS, SEGMENTS, -1).mean(axis=2), dtype=np.float32)
