"""The region that the model shall see: cut out of the planes and shrunk to what its input holds, and only that much
converted to BGR.
"""

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np

from agent.values import Box, Frame, Picture


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame in whole pixels, all even: 4:2:0 chroma covers two by two."""

    left: int
    top: int
    width: int
    height: int


def window(frame: Frame, region: Box) -> Window | None:
    """`region` widened to even pixels and clipped at the picture's edge; None when nothing is left of it.

    The last row or column of an odd-sized picture is left out.
    """
    inside = region.clipped()
    left, right = _even_span(inside.left, inside.right, frame.width)
    top, bottom = _even_span(inside.top, inside.bottom, frame.height)
    if right - left < 2 or bottom - top < 2:
        return None
    return Window(left, top, right - left, bottom - top)


def cut(frame: Frame, window: Window, size: tuple[int, int]) -> Picture:
    """What `window` shows, BGR (h, w, 3), halved until it is less than twice as large as `size` (width, height).

    The planes are halved, so that little is converted. Each step takes the mean of four pixels: to shrink by more than
    two at once would leave out pixels between (aliasing), and cv2.INTER_AREA costs several times as much. The rest is
    left to the family, in colour: chroma is half as fine as luma and would be shrunk below what the model can use.
    """
    right, bottom = window.left + window.width, window.top + window.height
    halves = slice(window.top // 2, bottom // 2), slice(window.left // 2, right // 2)
    planes = [frame.luma[window.top : bottom, window.left : right], frame.u[halves], frame.v[halves]]
    width, height = window.width, window.height
    while width >= 2 * size[0] and height >= 2 * size[1] and min(width, height) >= 4:
        width, height = width // 4 * 2, height // 4 * 2
        half = width // 2, height // 2
        sizes = ((width, height), half, half)
        planes = [np.asarray(cv2.resize(plane, to), np.uint8) for plane, to in zip(planes, sizes, strict=True)]
    planar = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    return np.asarray(cv2.cvtColor(planar, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _even_span(start: float, end: float, size: int) -> tuple[int, int]:
    return floor(start * size / 2) * 2, min(ceil(end * size / 2) * 2, _even(size))


def _even(size: int) -> int:
    return size // 2 * 2
