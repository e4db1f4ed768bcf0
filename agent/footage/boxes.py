"""Where an MP4 stops being whole, and how many pictures it lists: boxes after ISO/IEC 14496-12, section 4.2."""

import os
from collections.abc import Iterator
from pathlib import Path

HEAD = 8
LARGEST_MOOF = 4_000_000  # bytes; a fragment's list of pictures is a few kB


def trim(path: Path) -> bool:
    """Cut off what follows the last whole fragment (moof and its mdat). False when there is no whole fragment."""
    whole = 0
    for kind, _, end in _boxes(path):
        if kind == b"mdat":
            whole = end
    if whole and whole < path.stat().st_size:
        os.truncate(path, whole)
    return whole > 0


def is_whole(path: Path) -> bool:
    """Does the last box end where the file ends? Not so when the disk took only a part of it."""
    whole = max((end for _, _, end in _boxes(path)), default=0)
    return whole > 0 and whole == path.stat().st_size


def pictures(path: Path) -> int:
    """How many the fragments list (ISO/IEC 14496-12, 8.8.8: track run boxes). Raises OSError."""
    found = 0
    with path.open("rb") as file:
        for kind, begin, end in _boxes(path):
            if kind == b"moof" and end - begin <= LARGEST_MOOF:
                file.seek(begin + HEAD)
                found += _listed(file.read(end - begin - HEAD))
    return found


def _listed(moof: bytes) -> int:
    found = 0
    for kind, body in _inner(moof):
        if kind == b"traf":
            runs = [run for name, run in _inner(body) if name == b"trun"]
            # No more than there is room for: a damaged count must not claim gigabytes.
            found += sum(min(int.from_bytes(run[4:8], "big"), len(run) // 4) for run in runs)
    return found


def _inner(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the boxes within a box."""
    offset = 0
    while offset + HEAD <= len(body):
        length = int.from_bytes(body[offset : offset + 4], "big")
        if length < HEAD or offset + length > len(body):
            return
        yield body[offset + 4 : offset + HEAD], body[offset + HEAD : offset + length]
        offset += length


def _boxes(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each top-level box that lies within the file."""
    size = path.stat().st_size
    offset = 0
    with path.open("rb", buffering=0) as file:
        while offset + HEAD <= size:
            head = os.pread(file.fileno(), 2 * HEAD, offset)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[HEAD:], "big")
            if length < HEAD or offset + length > size:
                return
            yield head[4:HEAD], offset, offset + length
            offset += length
