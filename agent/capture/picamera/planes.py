"""A camera buffer as three planes that look into it, without padding; and privacy masks painted into them.

In: flat bytes as a NumPy array, and how libcamera laid the picture out. NumPy only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from agent.capture.picamera.settings import Rectangle, Size

BLACK = (16, 128, 128)  # Y, U, V
BLOCK = 16  # pixels; what encoders work in
FORMATS = ("YUV420", "YVU420", "NV12", "NV21")


@dataclass(frozen=True)
class Layout:
    """One stream as it was configured: `stride` bytes from one line of luma to the next, at least `width`."""

    format: str
    width: int
    height: int
    stride: int

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height


def planes(flat: Any, layout: Layout) -> tuple[Any, Any, Any]:
    """Luma (h, w), u and v (h/2, w/2) as views of `flat`. Raises ValueError when it is too short for the layout."""
    height, stride, half = layout.height, layout.stride, layout.width // 2
    rows = height // 2
    luma = flat[: height * stride].reshape(height, stride)[:, : layout.width]
    chroma = flat[height * stride : height * stride + rows * stride]
    if layout.format in ("NV12", "NV21"):
        pairs = chroma.reshape(rows, stride)[:, : layout.width]
        first, second = pairs[:, 0::2], pairs[:, 1::2]
    else:
        first, second = (
            part.reshape(rows, stride // 2)[:, :half]
            for part in (chroma[: rows * (stride // 2)], chroma[rows * (stride // 2) :])
        )
    return (luma, second, first) if layout.format in ("YVU420", "NV21") else (luma, first, second)


def paint(picture: tuple[Any, Any, Any], masks: Sequence[Rectangle]) -> None:
    """Black rectangles, in place."""
    luma, u, v = picture
    for left, top, right, bottom in masks:
        half = (slice(top // 2, (bottom + 1) // 2), slice(left // 2, (right + 1) // 2))
        luma[top:bottom, left:right] = BLACK[0]
        u[half], v[half] = BLACK[1], BLACK[2]


def fitted(masks: Sequence[Rectangle], asked: Size, got: Size) -> tuple[Rectangle, ...]:
    """Masks made for `asked` on a picture that the camera made `got` large: scaled, and outward to whole blocks."""
    if asked == got:
        return tuple(masks)
    across, down = got[0] / asked[0] / BLOCK, got[1] / asked[1] / BLOCK
    return tuple(
        (
            floor(left * across) * BLOCK,
            floor(top * down) * BLOCK,
            min(got[0], ceil(right * across) * BLOCK),
            min(got[1], ceil(bottom * down) * BLOCK),
        )
        for left, top, right, bottom in masks
    )
