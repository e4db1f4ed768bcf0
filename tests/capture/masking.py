"""What lies inside a mask's polygon, said by other means than the agent's own: OpenCV's polygon filling."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from agent.values import Packet, Picture

TOLERANCE = 2
# At the picture's corner and edges, concave, smaller than a block, a sliver, and one that leaves only a hole's worth.
POLYGONS: dict[str, list[list[float]]] = {
    "corner": [[0.0, 0.0], [0.21, 0.0], [0.13, 0.17], [0.0, 0.11]],
    "edge": [[1.0, 0.3], [1.0, 0.55], [0.83, 0.47]],
    "concave": [
        [0.3, 0.45],
        [0.55, 0.45],
        [0.55, 0.8],
        [0.48, 0.8],
        [0.48, 0.52],
        [0.37, 0.52],
        [0.37, 0.8],
        [0.3, 0.8],
    ],
    "small": [[0.7, 0.2], [0.705, 0.2], [0.7025, 0.206]],
    "sliver": [[0.05, 0.9], [0.6, 0.952], [0.6, 0.954]],
}

Planes = tuple[Picture, Picture, Picture]


def inside(polygons: Iterable[Sequence[Sequence[float]]], width: int, height: int) -> np.ndarray:
    """True at every pixel that a polygon touches, (height, width)."""
    found = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        corners = np.array([[x * width, y * height] for x, y in polygon])
        shifted = np.round((corners - 0.5) * 16).astype(np.int32)  # pixel (0, 0) has its middle at 0.5
        cv2.fillPoly(found, [shifted], 255, shift=4)
    return found > 0


def planes(picture: av.VideoFrame) -> Planes:
    """Y, U, V of any picture as planar 4:2:0, as they are. The values are not scaled to another range."""
    if picture.format.name not in ("yuv420p", "yuvj420p"):
        picture = picture.reformat(format="yuv420p")
    y, u, v = (
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in picture.planes
    )
    return y, u, v


def worst(shown: Planes, polygons: Iterable[Sequence[Sequence[float]]], black: Sequence[int] = (16, 128, 128)) -> int:
    """The largest distance from black inside the polygons, over Y, U and V."""
    y, u, v = shown
    area = inside(polygons, y.shape[1], y.shape[0])
    assert area.any()
    rows, columns = np.nonzero(area)
    values = (y[rows, columns], u[rows // 2, columns // 2], v[rows // 2, columns // 2])
    return max(int(np.abs(value.astype(int) - level).max()) for value, level in zip(values, black, strict=True))


def far_outside(polygons: Iterable[Sequence[Sequence[float]]], width: int, height: int, by: int = 48) -> np.ndarray:
    """True where no polygon is within `by` pixels."""
    grown = cv2.dilate(inside(polygons, width, height).astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8))
    return np.asarray(grown == 0)


def decoded(packets: Iterable[Packet]) -> list[av.VideoFrame]:
    """Every picture of packets of one format, as a player shows them."""
    kept = list(packets)
    decoder: av.VideoCodecContext = av.CodecContext.create(kept[0].format.codec, "r")  # type: ignore[assignment]
    decoder.extradata = kept[0].format.extradata
    pictures = [one for packet in kept for one in decoder.decode(av.Packet(packet.data))]
    return [*pictures, *decoder.decode(None)]


def pictures_of(path: Path) -> list[av.VideoFrame]:
    """Every picture of a file."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def psnr(a: Picture, b: Picture, where: np.ndarray) -> float:
    """Decibels between two lumas where `where` is true."""
    error = float(np.mean((a[where].astype(float) - b[where].astype(float)) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
