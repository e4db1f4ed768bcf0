"""A line to a network camera that damages what passes: understands RTSP interleaved in TCP (RFC 2326, 10.12).

In: a camera's port on loopback. Out: another port, and switches: stamps moved, garbage, half-open connections, pauses.
"""

import contextlib
import os
import socket
import struct
import threading
from types import TracebackType

HEAD = 4  # $, channel, length
RTP_HEAD = 12


class RtspLine:
    """Forwards to `target`. All switches may be thrown from any thread and count for what passes from then on."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.accepted = 0
        self.shift = 0  # ticks added to each RTP time stamp
        self.garbage = False  # noise instead of what RTP packets carry
        self.silent_server = False  # new connections are taken but never answered
        self._flowing = threading.Event()
        self._flowing.set()
        self._dead: set[socket.socket] = set()  # half open
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "RtspLine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def address(self, path: str = "main") -> str:
        """The camera by way of this line."""
        return f"rtsp://127.0.0.1:{self.port}/{path}"

    def pause(self) -> None:
        """Nothing comes down any more, from the middle of a packet on."""
        self._flowing.clear()

    def flow(self) -> None:
        """Goes on where it paused, with nothing lost."""
        self._flowing.set()

    def half_open(self) -> None:
        """The connections of now never carry anything again and are never closed; new ones work."""
        with self._lock:
            self._dead |= self._open

    def close(self) -> None:
        """Hang up everything."""
        self._closing = True
        self._flowing.set()
        with self._lock:
            ends = [self._listener, *self._open]
        for end in ends:
            _hang_up(end)

    def _accept(self) -> None:
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            with self._lock:
                self._open.add(client)
            if self.silent_server:
                continue
            try:
                camera = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                self._let_go(client)
                continue
            camera.settimeout(None)
            with self._lock:
                self._open.add(camera)
            threading.Thread(target=self._up, args=(client, camera), daemon=True).start()
            threading.Thread(target=self._down, args=(camera, client), daemon=True).start()

    def _up(self, client: socket.socket, camera: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                if client not in self._dead:
                    camera.sendall(data)
        except OSError:
            pass
        self._let_go(client, camera)

    def _down(self, camera: socket.socket, client: socket.socket) -> None:
        waiting = b""
        try:
            while data := camera.recv(65536):
                if client in self._dead:
                    continue
                waiting += data
                out, waiting = self._parts(waiting)
                for part in out:
                    half = len(part) // 2 if part[:1] == b"$" else 0
                    client.sendall(part[:half])
                    self._flowing.wait()
                    client.sendall(part[half:])
        except OSError:
            pass
        if client not in self._dead:
            self._let_go(client, camera)

    def _parts(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Whole parts, changed as the switches say, and what is left over."""
        parts: list[bytes] = []
        while data:
            if data[:1] == b"$":
                end = HEAD + int.from_bytes(data[2:4], "big") if len(data) >= HEAD else len(data) + 1
            else:  # an answer in words; what follows its head is its body
                head_end = data.find(b"\r\n\r\n") + 4
                end = head_end + _body_length(data[:head_end]) if head_end >= 4 else len(data) + 1
            if end > len(data):
                break
            parts.append(self._changed(data[:end]))
            data = data[end:]
        return parts, data

    def _changed(self, part: bytes) -> bytes:
        if part[:1] != b"$" or part[1] % 2 or len(part) < HEAD + RTP_HEAD:  # odd channels carry RTCP
            return part
        stamp = (int.from_bytes(part[8:12], "big") + self.shift) % 2**32
        body = part[HEAD + RTP_HEAD :]
        carried = os.urandom(len(body)) if self.garbage else body
        return part[:8] + struct.pack(">I", stamp) + part[12 : HEAD + RTP_HEAD] + carried

    def _let_go(self, *ends: socket.socket) -> None:
        for end in ends:
            _hang_up(end)
        with self._lock:
            self._open -= set(ends)
            self._dead -= set(ends)


def _body_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
