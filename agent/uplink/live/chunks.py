"""RTMP's chunk stream: messages go out in pieces, and come back together ("Real-Time Messaging Protocol", Adobe 2012).

Pure: bytes in, bytes out.
"""

import struct
from dataclasses import dataclass, field

FIRST_SIZE = 128  # of a chunk, until a side says otherwise
SIZE = 4096  # of ours
LARGEST = 65_536  # no answer that we want is longer
LARGEST_CHUNK = 0xFFFFFF
HEADERS = (11, 7, 3, 0)  # bytes of a message header, by its form
EXTENDED = 0xFFFFFF
MORE_BITS = {0: 1, 1: 2}  # the chunk stream's number stands in so many further bytes

SET_CHUNK_SIZE, ABORT, ACKNOWLEDGEMENT, CONTROL, WINDOW, BANDWIDTH = 1, 2, 3, 4, 5, 6
VIDEO, DATA, COMMAND = 9, 18, 20


@dataclass(frozen=True, slots=True)
class Message:
    """`kind` as above; `at_ms` of the stream's own time; `stream` is the message stream's number."""

    kind: int
    data: bytes = field(repr=False)
    at_ms: int = 0
    stream: int = 0


def pieces(message: Message, chunk_stream: int) -> bytes:
    """A whole message as chunks of SIZE, on chunk stream 2 to 63. Times of more than 4.6 hours do not fit."""
    if not 0 <= message.at_ms < EXTENDED:
        raise ValueError("a live picture does not last so long")
    head = struct.pack(">B", chunk_stream)
    head += message.at_ms.to_bytes(3, "big") + len(message.data).to_bytes(3, "big")
    head += struct.pack("<BI", message.kind, message.stream)  # the number of the message stream is little-endian
    parts = [head]
    for at in range(0, max(len(message.data), 1), SIZE):
        if at:
            parts.append(bytes([0xC0 | chunk_stream]))
        parts.append(message.data[at : at + SIZE])
    return b"".join(parts)


@dataclass(slots=True)
class _Coming:
    """The message that comes on one chunk stream."""

    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    data: bytearray = field(default_factory=bytearray)


class Reader:
    """Puts the other side's chunks together. Raises ValueError on what is not RTMP or is too long."""

    def __init__(self) -> None:
        self._size = FIRST_SIZE
        self._waiting = bytearray()
        self._coming: dict[int, _Coming] = {}

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now."""
        self._waiting += data
        found: list[Message] = []
        while (taken := self._chunk(found)) > 0:
            del self._waiting[:taken]
        return found

    def _chunk(self, found: list[Message]) -> int:
        """Bytes that one chunk took; 0: it is not all there."""
        data = self._waiting
        if not data:
            return 0
        form, number = data[0] >> 6, data[0] & 63
        at = 1 + MORE_BITS.get(number, 0)
        if len(data) < at + HEADERS[form]:
            return 0
        if number < 2:
            number = 64 + int.from_bytes(data[1:at], "little")
        known = self._coming.get(number)
        if known is None and (form != 0 or len(self._coming) >= 64):
            raise ValueError("a chunk without a beginning")
        coming = known or _Coming()
        head = bytes(data[at : at + HEADERS[form]])
        at += HEADERS[form]
        extended = coming.extended if form == 3 else int.from_bytes(head[:3], "big") == EXTENDED
        at += 4 if extended else 0
        length = int.from_bytes(head[3:6], "big") if form < 2 else coming.length
        if length > LARGEST:
            raise ValueError("a message too long")
        more = min(self._size, length - len(coming.data))
        if len(data) < at + more:
            return 0
        coming.extended, coming.length = extended, length
        if form < 2:
            coming.kind = head[6]
        if form == 0:
            coming.stream = int.from_bytes(head[7:11], "little")
        coming.data += data[at : at + more]
        self._coming[number] = coming
        if len(coming.data) >= length:
            self._whole(Message(coming.kind, bytes(coming.data), stream=coming.stream), found)
            coming.data.clear()
        return at + more

    def _whole(self, message: Message, found: list[Message]) -> None:
        if message.kind == SET_CHUNK_SIZE:
            size = int.from_bytes(message.data[:4], "big")
            if not 1 <= size <= 0x7FFFFFFF:
                raise ValueError("no chunk size")
            self._size = min(size, LARGEST_CHUNK)
            return
        found.append(message)
