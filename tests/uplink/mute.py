"""A broker that greets, answers pings, and says nothing to what is published."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CONNECT, PUBLISH, SUBSCRIBE, PINGREQ = 1, 3, 8, 12


@contextmanager
def mute_broker() -> Iterator[tuple[str, list[int]]]:
    """Its URL, and the kinds of packets that it has heard."""
    heard: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, heard), daemon=True).start()
        yield f"mqtt://127.0.0.1:{server.getsockname()[1]}", heard


def _serve(server: socket.socket, heard: list[int]) -> None:
    while True:
        try:
            line, _ = server.accept()
            with line, line.makefile("rb") as packets:
                while head := packets.read(1):
                    length = shift = 0
                    while True:
                        byte = packets.read(1)[0]
                        length |= (byte & 127) << shift
                        shift += 7
                        if byte < 128:
                            break
                    body = packets.read(length)
                    kind = head[0] >> 4
                    heard.append(kind)
                    if kind == CONNECT:
                        line.sendall(bytes([0x20, 2, 0, 0]))
                    elif kind == SUBSCRIBE:
                        line.sendall(bytes([0x90, 3, *body[:2], 1]))
                    elif kind == PINGREQ:
                        line.sendall(bytes([0xD0, 0]))
        except (OSError, IndexError):
            if server.fileno() < 0:
                return
