"""Connected pieces of what differs, and what is known of each: on cells of two by two small pixels.

Cells bridge the gaps that weak contrast leaves within one object, and are a quarter of the work.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Box, Picture

DIFFERS, PROVEN, CHANGED, BEFORE, LIVE = 1, 2, 4, 8, 16  # what a cell can be, as bits
KINDS = 5
MAX_PIECES = 64  # made boxes of, largest first
HAS = np.array([[value >> bit & 1 for bit in range(KINDS)] for value in range(1 << KINDS)], np.float32)


Value = TypeVar("Value", np.uint8, np.uint16)


class Kinds(NamedTuple):
    """How many cells of a piece are of each kind; in the order of their bits."""

    differ: float
    proven: float
    changed: float
    before: float
    live: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces have the numbers from 1; number 0 is what does not differ."""

    labels: npt.NDArray[np.int32]  # cells: the number of their piece
    kinds: list[Kinds]  # by number

    def painted(self, chosen: list[int], value: Value) -> npt.NDArray[Value]:
        """Cells with `value` in the chosen pieces, 0 elsewhere."""
        values = np.zeros(len(self.kinds), type(value))
        values[chosen] = value
        return values.take(self.labels)

    def place(self, piece: int) -> tuple[slice, slice]:
        """Rows and columns of small pixels around a piece."""
        left, top, across, down = cv2.boundingRect(np.equal(self.labels, piece).view(np.uint8))
        return slice(2 * top, 2 * (top + down)), slice(2 * left, 2 * (left + across))


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
    differ = np.bitwise_and(cells, plane(DIFFERS, cells.shape))
    count, found = cv2.connectedComponents(differ, connectivity=8)
    labels = np.asarray(found, np.int32)
    told = np.flatnonzero(differ.view(np.bool_))
    kinds = np.bincount((labels.ravel()[told] << KINDS) | cells.ravel()[told], minlength=count << KINDS)
    counts = kinds.reshape(count, 1 << KINDS).astype(np.float32) @ HAS
    return Pieces(labels, [Kinds(*each) for each in counts.tolist()])


def boxes_of(found: Pieces, chosen: list[int], mask: Picture) -> list[Box]:
    """A box around the pixels of `mask` in each of the chosen pieces; of too many the largest."""
    height, width = mask.shape
    if len(chosen) > MAX_PIECES:
        chosen = sorted(chosen, key=lambda number: -found.kinds[number].differ)[:MAX_PIECES]
    boxes = []
    for number in chosen:
        rows, columns = found.place(number)
        inset, below, wide, high = cv2.boundingRect(mask[rows, columns])
        x, y = columns.start + inset, rows.start + below
        boxes.append(Box(x / width, y / height, (x + wide) / width, (y + high) / height))
    return boxes
