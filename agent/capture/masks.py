"""Privacy masks: polygons from 0 to 1 become rectangles of a picture, which are painted black (Y 16, U V 128) in place.

What an encoder gets is painted in whole blocks of 16 pixels and one block more all round, because the encoder codes
such blocks and borrows from their neighbours; a small picture that is only looked at, to a few pixels. Painted is
always at least the polygon.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

import av
import numpy as np

from agent.capture.problems import problem
from agent.config.camera import CameraSection
from agent.values import Picture, Point

BLACK = (16, 128, 128)  # of Y, U, V


@dataclass(frozen=True, slots=True)
class Blocks:
    """How far a mask is rounded outward: to whole blocks of `size` pixels (even), and `margin` blocks more."""

    size: int
    margin: int = 1


ENCODED = Blocks(16)  # macroblocks of H.264, and every smaller transform
SMALL = Blocks(4)  # the camera scaled or encoded this picture itself: some of the neighbours has bled in


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Pixels of luma; `left` and `top` are even and belong to it, `right` and `bottom` do not."""

    left: int
    top: int
    right: int
    bottom: int


class Masks:
    """The masks of one camera, for pictures of any size."""

    def __init__(self, polygons: Sequence[Sequence[Point]], blocks: Blocks) -> None:
        self._polygons = polygons
        self._blocks = blocks
        self._size = (0, 0)
        self._rectangles: tuple[Rectangle, ...] = ()

    def rectangles(self, width: int, height: int) -> tuple[Rectangle, ...]:
        """What is painted in a picture of this size. They do not overlap."""
        if self._size != (width, height):
            self._rectangles = tuple(rectangles(self._polygons, (width, height), self._blocks))
            self._size = (width, height)
        return self._rectangles

    def painted(self, picture: av.VideoFrame) -> av.VideoFrame:
        """A planar 4:2:0 picture with its masks painted; its memory is copied first if the decoder still needs it."""
        picture.make_writable()
        luma, u, v = (_rows(plane) for plane in picture.planes[:3])
        self.paint(luma, u, v)
        return picture

    def paint(self, luma: Picture, u: Picture, v: Picture) -> None:
        """Paint planes (h, w), (ceil(h/2), ceil(w/2)) twice, in place."""
        for one in self.rectangles(luma.shape[1], luma.shape[0]):
            luma[one.top : one.bottom, one.left : one.right] = BLACK[0]
            half = (slice(one.top // 2, (one.bottom + 1) // 2), slice(one.left // 2, (one.right + 1) // 2))
            u[half], v[half] = BLACK[1], BLACK[2]


def masks_of(camera: CameraSection, blocks: Blocks = ENCODED) -> Masks | None:
    """None when the camera has no masks, so that nothing is copied or painted then."""
    return Masks(tuple(camera.privacy_masks.values()), blocks) if camera.privacy_masks else None


def plain_masks(camera: CameraSection, width: int, height: int, blocks: Blocks = ENCODED) -> list[list[int]]:
    """[[left, top, right, bottom], ...] in pixels of luma, for a child process that knows no more than numbers."""
    found = rectangles(tuple(camera.privacy_masks.values()), (width, height), blocks)
    return [[one.left, one.top, one.right, one.bottom] for one in found]


def refuse_unmasked(camera: CameraSection, address: str, codec: str) -> None:
    """Called where packets are passed on as the camera sent them. Raises CameraError when the camera has masks."""
    if camera.privacy_masks:
        raise problem("camera_mask", address, codec)


def rectangles(polygons: Sequence[Sequence[Point]], size: tuple[int, int], blocks: Blocks) -> Iterator[Rectangle]:
    """Every block of a picture of `size` (width, height) that a polygon touches, and the margin, in few rectangles."""
    width, height = size
    columns, rows = ceil(width / blocks.size), ceil(height / blocks.size)
    touched = np.zeros((rows, columns), np.bool_)
    for polygon in polygons:
        corners = [(point.x * width / blocks.size, point.y * height / blocks.size) for point in polygon]
        edges = list(zip(corners, (*corners[1:], corners[0]), strict=True))
        for row in range(rows):
            for first, last in (*_crossed(edges, row), *_inside(edges, row + 0.5)):
                touched[row, max(0, min(first, columns - 1)) : last + 1] = True
    for row, column in np.argwhere(touched):
        # The grown mask is written over the same array only after argwhere has made its list.
        touched[
            max(0, row - blocks.margin) : row + blocks.margin + 1,
            max(0, column - blocks.margin) : column + blocks.margin + 1,
        ] = True
    for first, last, top, bottom in _merged(touched):
        yield Rectangle(
            first * blocks.size,
            top * blocks.size,
            min(last * blocks.size, width),
            min(bottom * blocks.size, height),
        )


Corner = tuple[float, float]
Edge = tuple[Corner, Corner]


def _crossed(edges: Sequence[Edge], row: int) -> Iterator[tuple[int, int]]:
    # First and last column (inclusive) of the blocks of this row that each edge runs through.
    for (x0, y0), (x1, y1) in edges:
        top, bottom = max(min(y0, y1), row), min(max(y0, y1), row + 1)
        if top > bottom:
            continue
        xs = (x0, x1) if y0 == y1 else tuple(x0 + (x1 - x0) * (y - y0) / (y1 - y0) for y in (top, bottom))
        yield floor(min(xs)), floor(max(xs))


def _inside(edges: Sequence[Edge], y: float) -> Iterator[tuple[int, int]]:
    # The same for blocks whose middle lies inside (non-zero winding: an area that is walked round twice counts too).
    crossings = sorted(
        (x0 + (x1 - x0) * (y - y0) / (y1 - y0), 1 if y1 > y0 else -1)
        for (x0, y0), (x1, y1) in edges
        if (y0 <= y) != (y1 <= y)
    )
    turns = 0
    begin = 0.0
    for x, turn in crossings:
        if turns == 0:
            begin = x
        turns += turn
        if turns == 0:
            yield floor(begin), floor(x)


def _merged(touched: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Iterator[tuple[int, int, int, int]]:
    # First column, column after the last, first row, row after the last: runs that equal those of the row above join.
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(touched.shape[0] + 1):
        line = touched[row] if row < touched.shape[0] else np.zeros(touched.shape[1], np.bool_)
        ends = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
        runs = {(int(first), int(last)) for first, last in zip(ends[::2], ends[1::2], strict=True)}
        for run in sorted(set(open_runs) - runs):
            yield (*run, open_runs.pop(run), row)
        for run in runs:
            open_runs.setdefault(run, row)


def _rows(plane: av.video.plane.VideoPlane) -> Picture:
    whole: Picture = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # planes are buffers
    return whole[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)[:, : plane.width]
