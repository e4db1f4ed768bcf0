"""The region that the model shall see: cut out of the planes first, and only that much converted to BGR."""

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np

from agent.values import Box, Frame, Picture


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A BGR picture (h, w, 3) and where its top left corner stands in the frame, in pixels."""

    picture: Picture
    left: int
    top: int


def crop(frame: Frame, region: Box) -> Crop | None:
    """`region` of `frame`, widened to even pixels and clipped at the picture's edge; None when nothing is left of it.

    4:2:0 chroma covers two by two pixels, hence even; the last row or column of an odd-sized picture is left out.
    """
    inside = region.clipped()
    left, right = _even_span(inside.left, inside.right, frame.width)
    top, bottom = _even_span(inside.top, inside.bottom, frame.height)
    width, height = right - left, bottom - top
    if width < 2 or height < 2:
        return None
    planar = np.empty(width * height * 3 // 2, np.uint8)
    luma, chroma = width * height, width * height // 4
    planar[:luma].reshape(height, width)[:] = frame.luma[top:bottom, left:right]
    halves = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
    planar[luma : luma + chroma].reshape(height // 2, width // 2)[:] = frame.u[halves]
    planar[luma + chroma :].reshape(height // 2, width // 2)[:] = frame.v[halves]
    picture = cv2.cvtColor(planar.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420)
    return Crop(np.asarray(picture, np.uint8), left, top)


def _even_span(start: float, end: float, size: int) -> tuple[int, int]:
    even = size // 2 * 2
    return floor(start * size / 2) * 2, min(ceil(end * size / 2) * 2, even)
