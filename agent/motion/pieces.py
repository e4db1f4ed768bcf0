"""Connected pieces of what differs, and what is known of each: on cells of two by two small pixels.

Cells bridge the gaps that weak contrast leaves within one object, and are a quarter of the work.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Box, Picture

DIFFERS, PROVEN, CHANGED, BEFORE, LIVE = 1, 2, 4, 8, 16  # what a cell can be, as bits
KINDS = 5
MAX_PIECES = 64  # made boxes of, largest first
HAS = np.array([[value >> bit & 1 for bit in range(KINDS)] for value in range(1 << KINDS)], np.float32)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Row 0 is what does not differ."""

    labels: npt.NDArray[np.uint16]  # cells
    stats: npt.NDArray[np.int32]  # per piece: left, top, width, height, cells
    counts: npt.NDArray[np.float32]  # per piece and kind: cells

    @property
    def cells(self) -> npt.NDArray[np.int32]:
        """How large each piece is."""
        return self.stats[:, cv2.CC_STAT_AREA]

    def having(self, kind: int) -> npt.NDArray[np.float32]:
        """How many cells of each piece are of a kind (one of the bits)."""
        return self.counts[:, kind.bit_length() - 1]

    def painted(self, values: npt.NDArray[np.generic]) -> Picture:
        """Cells with the value (0..255, or a truth) of their piece."""
        return values.astype(np.uint8).take(self.labels)


@lru_cache(maxsize=64)
def plane(value: int, shape: tuple[int, ...]) -> Picture:
    """A plane of one value, not to be written to: numpy and OpenCV are slower with a number in its place."""
    made: Picture = np.full(shape, value, np.uint8)
    made.flags.writeable = False
    return made


def cells_of(*masks: tuple[int, Picture]) -> Picture:
    """Cells whose bits say which of the masks (0 or 255) has a pixel in them."""
    shape = masks[0][1].shape
    pixels = np.bitwise_and(masks[0][1], plane(masks[0][0], shape))
    for bit, mask in masks[1:]:
        pixels |= np.bitwise_and(mask, plane(bit, shape))
    if shape[0] % 2 or shape[1] % 2:
        pixels = np.pad(pixels, ((0, shape[0] % 2), (0, shape[1] % 2)))
    across = pixels.view(np.uint16)  # two pixels of a row at once
    pairs = across[::2] | across[1::2]
    return (pairs | pairs >> 8).astype(np.uint8)


def pieces(cells: Picture) -> Pieces:
    """The pieces of the cells that differ."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.bitwise_and(cells, plane(DIFFERS, cells.shape)), connectivity=8, ltype=cv2.CV_16U
    )
    told = np.flatnonzero(cells > 0)
    table = np.bincount((labels.ravel()[told].astype(np.intp) << KINDS) + cells.ravel()[told], minlength=count << KINDS)
    counts = table.reshape(count, 1 << KINDS).astype(np.float32) @ HAS
    return Pieces(np.asarray(labels, np.uint16), np.asarray(stats, np.int32), counts)


def boxes_of(found: Pieces, chosen: npt.NDArray[np.bool_], mask: Picture) -> list[Box]:
    """A box around the pixels of `mask` in each of the chosen pieces."""
    height, width = mask.shape
    stats = found.stats[chosen]
    if len(stats) > MAX_PIECES:
        stats = stats[np.argsort(-stats[:, cv2.CC_STAT_AREA], kind="stable")[:MAX_PIECES]]
    boxes = []
    for left, top, across, down, _ in (2 * stats).tolist():
        inset, below, wide, high = cv2.boundingRect(mask[top : top + down, left : left + across])
        x, y = left + inset, top + below
        boxes.append(Box(x / width, y / height, (x + wide) / width, (y + high) / height))
    return boxes
