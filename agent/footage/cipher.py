"""Bytes into encrypted chunks, and back: what FFmpeg writes to and reads from in place of a file."""

import errno
import hashlib
import io
import logging
import os
from pathlib import Path

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as opened
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as closed
from nacl.exceptions import CryptoError

from agent.errors import AgentError
from agent.footage.locked import ENDS, HEAD, LAST, MOST_CLEAR, TAG, Chunk, Header, Locked
from agent.i18n import Text

log = logging.getLogger(__name__)
NONCE = 24


class Sink:
    """Takes what a muxer writes in one go, never seeking. Raises OSError; after the first one nothing is written."""

    def __init__(self, path: Path, header: Header, key: bytes) -> None:
        self._path = path
        self._key = key
        begin = header.packed()
        self._bound = hashlib.sha256(begin).digest()
        self._waiting = bytearray()
        self._number = 0
        self._told = (0, 0)
        self._unmarked = False
        self._failed: OSError | None = None
        self._clear = hashlib.sha256()
        self.bytes = 0  # in clear
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._put(begin)

    @property
    def sha256(self) -> str:
        """Of the clear bytes."""
        return self._clear.hexdigest()

    def write(self, data: bytes) -> int:
        """For the muxer."""
        self._clear.update(data)
        self.bytes += len(data)
        self._waiting += data
        self._unmarked = True
        while len(self._waiting) >= MOST_CLEAR:
            self._chunk(0)
        return len(data)

    def mark(self, pictures: int, ticks: int) -> None:
        """What the muxer has written so far holds so many pictures, to so many ticks."""
        if self._unmarked:
            self._told = (pictures, ticks)
            self._unmarked = False
            self._chunk(ENDS)

    def finish(self, pictures: int, ticks: int) -> None:
        """The muxer has written all."""
        self._told = (pictures, ticks)
        self._chunk(ENDS | LAST)
        self.close()

    def close(self) -> None:
        """Let go of the file as it is."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _chunk(self, flags: int) -> None:
        clear = bytes(self._waiting[:MOST_CLEAR])
        del self._waiting[:MOST_CLEAR]
        head = HEAD.pack(len(clear), flags, *self._told)
        self._put(head + closed(clear, self._bound + head, self._number.to_bytes(NONCE, "big"), self._key))
        self._number += 1

    def _put(self, data: bytes) -> None:
        if self._failed is not None:
            raise self._failed
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            self._failed = error
            raise OSError(error.errno, error.strerror, str(self._path)) from error


class Clear(io.RawIOBase):
    """The clear bytes of a file, decrypted as they are read."""

    def __init__(self, path: Path, locked: Locked, key: bytes) -> None:
        super().__init__()
        self.name = str(path)
        self._locked = locked
        self._key = key
        self._at = 0
        self._chunk: Chunk | None = None
        self._bytes = b""
        self.failed: BrokenChunk | OSError | None = None
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def size(self) -> int:
        """In clear."""
        last = self._locked.chunks[-1] if self._locked.chunks else None
        return last.clear_at + last.size if last else 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """In the clear bytes."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """In the clear bytes."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(begin + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, of one chunk. FFmpeg cannot be told an error here: what is broken ends the file, and
        leaving `with` tells it.
        """
        chunk = self._under()
        if chunk is None or self.failed is not None:
            return b""
        if chunk is not self._chunk:
            try:
                self._bytes, self._chunk = self.clear(chunk), chunk
            except (BrokenChunk, OSError) as error:
                log.warning("an encrypted file ends early: %s", error)
                self.failed = error
                return b""
        begin = self._at - chunk.clear_at
        found = self._bytes[begin:] if size < 0 else self._bytes[begin : begin + size]
        self._at += len(found)
        return found

    def clear(self, chunk: Chunk) -> bytes:
        """One chunk. Raises BrokenChunk, OSError."""
        data = os.pread(self._fd, HEAD.size + chunk.size + TAG, chunk.at)
        nonce = chunk.number.to_bytes(NONCE, "big")
        try:
            return opened(data[HEAD.size :], self._locked.bound + data[: HEAD.size], nonce, self._key)
        except (CryptoError, ValueError):
            raise BrokenChunk(Path(self.name).name, chunk) from None

    def __exit__(self, *exception: object) -> None:
        """Raises OSError when it was not read as it was written."""
        self.close()
        if self.failed is not None:
            raise OSError(errno.EIO, str(self.failed), self.name)

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            os.close(self._fd)
        super().close()

    def _under(self) -> Chunk | None:
        now = self._chunk
        if now is not None and now.clear_at <= self._at < now.clear_at + now.size:
            return now
        chunks = self._locked.chunks
        low, high = 0, len(chunks)
        while low < high:
            middle = (low + high) // 2
            if chunks[middle].clear_at + chunks[middle].size <= self._at:
                low = middle + 1
            else:
                high = middle
        return chunks[low] if low < len(chunks) else None


class BrokenChunk(AgentError):
    """A chunk is not what was written."""

    def __init__(self, name: str, chunk: Chunk) -> None:
        where = f"{chunk.at:,}"
        super().__init__(
            Text(
                en=f"{name}: piece {chunk.number} (at byte {where}) was altered",
                vi=f"{name}: phần {chunk.number} (ở byte {where}) đã bị sửa",
            )
        )
