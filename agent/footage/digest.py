"""The hash of a file as it lies on the disk, block by block, so that its size costs no memory."""

import hashlib
import os
from pathlib import Path

BLOCK = 1 << 18


def sha256(path: Path) -> str:
    """Of a file, in hex. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return sha256_of(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(descriptor: int) -> str:
    """Of an open file from its beginning; its position stays where it is. Raises OSError."""
    digest = hashlib.sha256()
    block = bytearray(BLOCK)
    offset = 0
    while count := os.preadv(descriptor, [block], offset):
        digest.update(memoryview(block)[:count])
        offset += count
    return digest.hexdigest()
