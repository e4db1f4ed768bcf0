"""Full-size frames between processes without a pipe: a few slots in one piece of shared memory (memfd, sealed).

The child writes into a free slot and names it in a message; the agent looks at the slot in place and marks it free when
the last view of it dies. The first page holds one byte per slot: 0 free, 1 taken. Standard library and NumPy only.
"""

import ctypes
import fcntl
import mmap
import os
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

PAGE = 4096
SLOTS = 6  # one being written, one waiting, those that vision and the page look at
SIZES = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW  # a map of a file that shrinks is a bus error
MAX_SIDE = 16_384


def plane_shapes(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """(rows, columns) of luma, u and v of a planar YUV 4:2:0 picture."""
    half = ((height + 1) // 2, (width + 1) // 2)
    return (height, width), half, half


def slot_bytes(width: int, height: int) -> int:
    """Of one picture, in whole pages."""
    size = sum(rows * columns for rows, columns in plane_shapes(width, height))
    return -(-size // PAGE) * PAGE


class SlotWriter:
    """The child's side, for pictures of one size. `fd` is the memory, to be sent once."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._bytes = slot_bytes(width, height)
        self.fd = os.memfd_create("camera-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, PAGE + SLOTS * self._bytes)
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, SIZES)
        self._memory = mmap.mmap(self.fd, PAGE + SLOTS * self._bytes)

    def put(self, planes: Sequence[Any]) -> int | None:
        """Copy luma, u and v (2D uint8 arrays, any strides) into a free slot: its number; None when all are taken."""
        slot = self._memory[:SLOTS].find(0)
        if slot < 0:
            return None
        for view, plane in zip(_views(self._memory, slot, *self.size), planes, strict=True):
            np.copyto(view, plane)
        self._memory[slot] = 1
        return slot

    def close(self) -> None:
        """Give the child's hold on the memory back."""
        self._memory.close()
        os.close(self.fd)


class SlotReader:
    """The agent's side. Raises ValueError when `fd` is not what a child of ours makes; does not own `fd`."""

    def __init__(self, fd: int, width: int, height: int) -> None:
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise ValueError(f"pictures of {width}x{height}")
        self.size = (width, height)
        self._bytes = slot_bytes(width, height)
        try:
            sealed = fcntl.fcntl(fd, fcntl.F_GET_SEALS) & SIZES == SIZES
        except OSError:
            sealed = False
        if not sealed or os.fstat(fd).st_size != PAGE + SLOTS * self._bytes:
            raise ValueError("shared memory of the wrong size, or not sealed")
        self._memory = mmap.mmap(fd, PAGE + SLOTS * self._bytes)

    def take(self, slot: int) -> tuple[Any, ...]:
        """Luma, u and v in place. The slot is free again when no view of them is left.

        Raises ValueError when there is no such slot or the child does not have it marked as taken.
        """
        if not 0 <= slot < SLOTS or self._memory[slot] != 1:
            raise ValueError(f"slot {slot} holds no picture")
        self._memory[slot] = 2
        picture = (ctypes.c_uint8 * self._bytes).from_buffer(self._memory, PAGE + slot * self._bytes)
        weakref.finalize(picture, _free, self._memory, slot).atexit = False
        return tuple(_planes(np.frombuffer(memoryview(picture), np.uint8), *self.size))


def _free(memory: mmap.mmap, slot: int) -> None:
    memory[slot] = 0


def _views(memory: mmap.mmap, slot: int, width: int, height: int) -> Iterator[Any]:
    size = slot_bytes(width, height)
    return _planes(np.frombuffer(memory, np.uint8, size, PAGE + slot * size), width, height)


def _planes(flat: Any, width: int, height: int) -> Iterator[Any]:
    start = 0
    for rows, columns in plane_shapes(width, height):
        yield flat[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
