"""Where an MP4 stops being whole: top-level boxes after ISO/IEC 14496-12, section 4.2."""

import os
from collections.abc import Iterator
from pathlib import Path

HEAD = 8


def trim(path: Path) -> bool:
    """Cut off what follows the last whole fragment (moof and its mdat). False when there is no whole fragment."""
    whole = 0
    for kind, end in _boxes(path):
        if kind == b"mdat":
            whole = end
    if whole and whole < path.stat().st_size:
        os.truncate(path, whole)
    return whole > 0


def is_whole(path: Path) -> bool:
    """Does the last box end where the file ends? Not so when the disk took only a part of it."""
    whole = max((end for _, end in _boxes(path)), default=0)
    return whole > 0 and whole == path.stat().st_size


def _boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """Kind and end of each box that lies within the file."""
    size = path.stat().st_size
    offset = 0
    with path.open("rb") as file:
        while offset + HEAD <= size:
            file.seek(offset)
            head = file.read(HEAD)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            if length < HEAD or offset + length > size:
                return
            offset += length
            yield head[4:], offset
