"""Where an interrupted fragmented MP4 stops being whole: top-level boxes after ISO/IEC 14496-12, section 4.2."""

import os
from pathlib import Path

HEAD = 8


def trim(path: Path) -> bool:
    """Cut off what follows the last whole fragment (moof and its mdat). False when there is no whole fragment."""
    size = path.stat().st_size
    whole = offset = 0
    with path.open("rb") as file:
        while offset + HEAD <= size:
            file.seek(offset)
            head = file.read(HEAD)
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            if length < HEAD or offset + length > size:
                break
            offset += length
            if kind == b"mdat":
                whole = offset
    if whole and whole < size:
        os.truncate(path, whole)
    return whole > 0
