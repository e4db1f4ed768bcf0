"""The hash of a file as it lies on the disk, block by block, so that its size costs no memory."""

import hashlib
from io import BufferedIOBase, RawIOBase
from pathlib import Path

BLOCK = 1 << 16


def sha256(path: Path) -> str:
    """Of a file, in hex. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        return sha256_of(file)


def sha256_of(file: RawIOBase | BufferedIOBase) -> str:
    """Of an open file, from where it stands to its end. Raises OSError."""
    digest = hashlib.sha256()
    block = bytearray(BLOCK)
    while count := file.readinto(block):
        digest.update(memoryview(block)[:count])
    return digest.hexdigest()
