"""Encrypted footage as it lies on the disk: what can be read of it, trimmed and listed without any key.

    magic  8 bytes
    length 4 bytes, then so many bytes of JSON: the label, the format, and the file's key, locked twice
    chunks, each: length of the clear bytes (4), flags (1), pictures (4) and ticks (8) up to here; the bytes; tag (16)

Chunk number n is XChaCha20-Poly1305 (libsodium, IETF variant) with nonce n and, as what is bound besides, the SHA-256
of all before the first chunk and the chunk's own head. A chunk marked ENDS ends a group of pictures, one marked LAST
the file: a crash costs the group that was open, and whoever shortens a finished file is found out.

Names end in `-locked.mp4`, so that whatever counts, removes, holds and chains segments treats them as any other.
"""

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from agent.values import StreamFormat

LOCKED = "-locked"  # in the names of segments
CLIP, BUNDLE = ".mp4.locked", ".locked.tar"  # what leaves for the ward
MAGIC = b"CAMLOCK1"
LENGTH = struct.Struct(">I")
HEAD = struct.Struct(">IBIQ")
TAG = 16
ENDS, LAST = 1, 2
MOST_HEADER = 64_000  # bytes; a header has about 2 kB
MOST_CLEAR = 1 << 17  # bytes of a chunk


@dataclass(frozen=True, slots=True)
class Header:
    """`for_ward`: the file's key sealed to the ward; `for_node`: locked with the boot key."""

    label: str
    format: StreamFormat
    ward: str  # fingerprint of the ward's key
    for_ward: str  # both in hex
    for_node: str

    def packed(self) -> bytes:
        """As the file begins."""
        form = self.format
        told = {
            "label": self.label,
            "codec": form.codec,
            "size": [form.width, form.height],
            "time_base": str(form.time_base),
            "extradata": form.extradata.hex(),
            "ward": self.ward,
            "for_ward": self.for_ward,
            "for_node": self.for_node,
        }
        body = json.dumps(told).encode()
        return MAGIC + LENGTH.pack(len(body)) + body


@dataclass(frozen=True, slots=True)
class Chunk:
    """`clear_at`, `size`: which of the clear bytes are in it; `at`: where its head stands in the file."""

    number: int
    at: int
    clear_at: int
    size: int
    flags: int
    pictures: int
    ticks: int

    @property
    def end(self) -> int:
        """Where the next one stands."""
        return self.at + HEAD.size + self.size + TAG


@dataclass(frozen=True, slots=True)
class Locked:
    """All of a file but what is in it. `bound`: the hash that every chunk is bound to."""

    header: Header
    bound: bytes
    chunks: tuple[Chunk, ...]
    size: int  # of the file

    @property
    def whole(self) -> Chunk | None:
        """The last chunk that ends a group of pictures."""
        return next((one for one in reversed(self.chunks) if one.flags & ENDS and one.pictures), None)

    @property
    def finished(self) -> bool:
        """Was it closed, and is nothing of it missing or behind it?"""
        last = self.chunks[-1] if self.chunks else None
        return last is not None and bool(last.flags & LAST) and last.end == self.size


def is_locked(path: Path) -> bool:
    """By the name of a segment or clip."""
    return LOCKED in path.name or path.name.endswith(CLIP)


def read_header(path: Path) -> Header | None:
    """None when it is none of ours. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        found = _header(file.fileno())
    return found[0] if found else None


def read_locked(path: Path) -> Locked | None:
    """None when the beginning is damaged. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        found = _header(file.fileno())
        if found is None:
            return None
        header, begin = found
        size = os.fstat(file.fileno()).st_size
        chunks = tuple(_chunks(file.fileno(), len(begin), size))
        return Locked(header, sha256(begin).digest(), chunks, size)


def trim_locked(path: Path) -> bool:
    """Cut off what follows the last whole group of pictures; False when there is none. Raises OSError."""
    locked = read_locked(path)
    whole = locked.whole if locked else None
    if locked is None or whole is None:
        return False
    if whole.end < locked.size:
        os.truncate(path, whole.end)
    return True


def _header(descriptor: int) -> tuple[Header, bytes] | None:
    start = os.pread(descriptor, len(MAGIC) + LENGTH.size, 0)
    if len(start) < len(MAGIC) + LENGTH.size or not start.startswith(MAGIC):
        return None
    length = LENGTH.unpack_from(start, len(MAGIC))[0]
    body = os.pread(descriptor, length, len(start)) if length <= MOST_HEADER else b""
    try:
        told = json.loads(body)
        width, height = told["size"]
        base, extradata = Fraction(told["time_base"]), bytes.fromhex(told["extradata"])
        form = StreamFormat(str(told["codec"]), int(width), int(height), base, extradata)
        texts = (str(told[name]) for name in ("ward", "for_ward", "for_node"))
        return Header(str(told["label"]), form, *texts), start + body
    except (ValueError, KeyError, TypeError, ZeroDivisionError, RecursionError):
        return None


def _chunks(descriptor: int, at: int, size: int) -> Iterator[Chunk]:
    number = clear_at = 0
    while at + HEAD.size + TAG <= size:
        clear, flags, pictures, ticks = HEAD.unpack(os.pread(descriptor, HEAD.size, at))
        chunk = Chunk(number, at, clear_at, clear, flags, pictures, ticks)
        if clear > MOST_CLEAR or chunk.end > size:
            return
        yield chunk
        number, at, clear_at = number + 1, chunk.end, clear_at + clear
