"""A TCP relay in front of a server that counts what comes up, second by second, and can cut all its connections."""

import contextlib
import socket
import struct
import threading
import time
from types import TracebackType

PIECE = 16_384


class Relay:
    """Listens where the thread that makes it is; forwards to `target` on 127.0.0.1 of the same namespace."""

    def __init__(self, host: str, target: int) -> None:
        self._target = target
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._arrived: list[tuple[float, int]] = []
        self._total = 0
        self._open: set[socket.socket] = set()
        self._inside = threading.Thread(target=self._accept, daemon=True)
        self._inside.start()

    def __enter__(self) -> "Relay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    @property
    def total(self) -> int:
        """Bytes read from clients so far."""
        with self._lock:
            return self._total

    def between(self, begin_s: float, end_s: float) -> int:
        """Bytes read from clients between two moments (monotonic)."""
        with self._lock:
            return sum(count for at_s, count in self._arrived if begin_s <= at_s < end_s)

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        with self._lock:
            gone, self._open = self._open, set()
        for sock in gone:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it
            sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open |= {client, server}
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                if up:
                    with self._lock:
                        self._arrived.append((time.monotonic(), len(data)))
                        self._total += len(data)
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
