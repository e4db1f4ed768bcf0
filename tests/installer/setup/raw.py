"""The page over a bare connection: what no browser would send."""

import socket
import ssl

from tests.installer.people import trusting
from tests.installer.setup.node import Node


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def raw(node: Node, address: str, sent: bytes, source: str = "127.0.0.1") -> ssl.SSLSocket:
    """A connection over which `sent` has gone."""
    plain = socket.create_connection(("127.0.0.1", port_of(address)), 60, source_address=(source, 0))
    wrapped = trusting(node).wrap_socket(plain, server_hostname="127.0.0.1")
    wrapped.sendall(sent)
    return wrapped


def answer(wrapped: ssl.SSLSocket) -> bytes:
    """What comes until the other side closes; nothing when it cut us off."""
    got = b""
    try:
        while piece := wrapped.recv(65536):
            got += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return got
