"""Messages between the agent and a camera's child process, over a Unix stream socket. Nothing but the standard library.

4 bytes length of meta, 4 bytes length of payload (both big-endian), meta as a JSON object with `kind`, payload. Both
lengths are bounded, file descriptors may travel along, and a message that stops in the middle is an error.
"""

import array
import json
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

HEAD = struct.Struct(">II")
MAX_META = 64 * 1024
MAX_PAYLOAD = 16 * 1024 * 1024  # a key frame of 8 megapixels at the best quality is a quarter of it
MAX_FDS = 4
MESSAGE_S = 5.0  # from the first byte of a message to the last
READ_BYTES = 256 * 1024

Buffer = bytes | bytearray | memoryview


class WireError(Exception):
    """What came makes no sense, or stopped in the middle of a message."""


class WireEnd(Exception):
    """The other side closed the socket between two messages, or is gone."""


@dataclass(frozen=True)
class Message:
    """One message; `fds` belong to whoever takes it."""

    kind: str
    meta: dict[str, Any] = field(repr=False)
    payload: bytes = field(repr=False, default=b"")
    fds: tuple[int, ...] = ()


class Wire:
    """One end. Owns `sock`. `send` and `receive` may be called from different threads, each from one only."""

    def __init__(self, sock: socket.socket, now_s: Callable[[], float] = time.monotonic) -> None:
        self._sock = sock
        self._now_s = now_s
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._bytes = bytearray()
        self._fds: list[int] = []
        self._begun_s: float | None = None  # when the first byte of the message in the buffer came
        self._ended = False

    def send(self, kind: str, meta: dict[str, Any], payload: Buffer = b"", fds: Sequence[int] = ()) -> None:
        """Send all of one message; blocks as the socket does. Raises WireEnd; WireError for one that is too large."""
        text = json.dumps({**meta, "kind": kind, "fds": len(fds)}, separators=(",", ":")).encode()
        if len(text) > MAX_META or len(payload) > MAX_PAYLOAD or len(fds) > MAX_FDS:
            raise WireError(f"a message of {len(text)} + {len(payload)} bytes is too large")
        parts = [memoryview(HEAD.pack(len(text), len(payload)) + text), memoryview(payload).cast("B")]
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            sent = self._sock.sendmsg(parts, rights)
            while sent < len(parts[0]) + len(parts[1]):
                rest = [parts[0][sent:], parts[1][max(0, sent - len(parts[0])) :]]
                sent += self._sock.sendmsg(rest)
        except OSError as error:
            raise WireEnd(f"cannot send: {error}") from error

    def receive(self, wait_s: float) -> Message | None:
        """The next message; None when none was whole within `wait_s`. Raises WireError, WireEnd."""
        until_s = self._now_s() + wait_s
        while True:
            message = self._take()
            if message is not None:
                return message
            if self._ended:
                raise WireError("ended in the middle of a message") if self._bytes else WireEnd("closed")
            if not self._fill(max(0.0, until_s - self._now_s())):
                if self._begun_s is not None and self._now_s() - self._begun_s >= MESSAGE_S:
                    raise WireError("stopped in the middle of a message")
                return None

    def close(self) -> None:
        """Close the socket and what descriptors came that nobody took."""
        self._sock.close()
        while self._fds:
            os.close(self._fds.pop())

    def fileno(self) -> int:
        """Of the socket."""
        return self._sock.fileno()

    def _fill(self, wait_s: float) -> bool:
        if not self._poll.poll(round(wait_s * 1000)):
            return False
        try:
            flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
            data, fds, told, _ = socket.recv_fds(self._sock, READ_BYTES, MAX_FDS, flags)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:  # reset: the other side died with something of ours unread
            data, fds, told = b"", [], 0
        self._fds += fds
        if told & socket.MSG_CTRUNC or len(self._fds) > MAX_FDS:
            raise WireError("more file descriptors than a message may bring")
        self._ended = not data
        if data and self._begun_s is None:
            self._begun_s = self._now_s()
        self._bytes += data
        return True

    def _take(self) -> Message | None:
        if len(self._bytes) < HEAD.size:
            return None
        meta_size, payload_size = HEAD.unpack_from(self._bytes)
        if not 2 <= meta_size <= MAX_META or payload_size > MAX_PAYLOAD:
            raise WireError(f"a message of {meta_size} + {payload_size} bytes: this is not the protocol")
        start, end = HEAD.size + meta_size, HEAD.size + meta_size + payload_size
        if len(self._bytes) < end:
            return None
        kind, meta = _parsed(bytes(self._bytes[HEAD.size : start]))
        payload = bytes(memoryview(self._bytes)[start:end])
        del self._bytes[:end]
        self._begun_s = self._now_s() if self._bytes else None
        count = meta.pop("fds", 0)
        if count not in range(len(self._fds) + 1):
            raise WireError("a message without the file descriptors that it names")
        fds, self._fds = tuple(self._fds[:count]), self._fds[count:]
        return Message(kind, meta, payload, fds)


def _parsed(text: bytes) -> tuple[str, dict[str, Any]]:
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error
    kind = meta.pop("kind", None) if isinstance(meta, dict) else None
    if not isinstance(kind, str):
        raise WireError("a message without a kind")
    return kind, meta
