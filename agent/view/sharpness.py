"""How sharp a picture is, on some rows of the frame itself: a quarter-scale copy hides mild defocus."""

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture

ROWS, SEGMENTS = 24, 16
FAR = 4  # pixels: blur of a lens takes neighbours' difference, not that of pixels so far apart
FLOOR = 20.0  # grey levels squared: less contrast than this tells nothing
FLATTEST = ROWS * SEGMENTS // 4  # a quarter of the segments is flat: what differs there is noise
Segments = npt.NDArray[np.float32]


def sharpness(luma: Picture) -> tuple[Segments, npt.NDArray[np.bool_]]:
    """Per segment (ROWS, SEGMENTS) the log ratio of fine to coarse contrast, without noise; and where it can be told.

    A ratio of the picture with itself does not depend on the light (compare Crete et al. 2007, who blur again and
    compare). `luma` is (height, width) and may be strided.
    """
    rows = (np.arange(ROWS) * 2 + 1) * luma.shape[0] // (2 * ROWS)
    lines = luma[rows].astype(np.float32)
    near, far = _energy(lines, 1), _energy(lines, FAR)
    noise = np.partition(near, FLATTEST, axis=None)[FLATTEST]
    fine, coarse = np.maximum(near - noise, 0.0), np.maximum(far - noise, 0.0)
    ratio = np.log((fine + np.float32(1.0)) / (coarse + np.float32(FLOOR)))
    return ratio.astype(np.float32), coarse > FLOOR


def _energy(lines: Segments, step: int) -> Segments:
    across = (lines.shape[1] - step) // SEGMENTS * SEGMENTS  # whole pixels per segment: averaged ten times as fast
    difference = cv2.subtract(lines[:, step : step + across], lines[:, :across])
    squares = cv2.multiply(difference, difference)
    return np.asarray(cv2.resize(squares, (SEGMENTS, ROWS), interpolation=cv2.INTER_AREA), dtype=np.float32)
