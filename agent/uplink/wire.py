"""The socket of an upload: marked as lower effort, with little waiting in it, and what the kernel knows of its line.

Linux only, like the agent. Numbers that Python has no name for are of <linux/in.h>, <linux/tcp.h> and <asm/socket.h>.
"""

import contextlib
import socket
import struct
from dataclasses import dataclass

LOWER_EFFORT = 0x04  # DSCP 000001 (RFC 8622) in the six upper bits of the field
IPV6_TCLASS = 67
SO_MAX_PACING_RATE = 47
UNSENT_BYTES = 16_384  # more than this does not wait in a socket for its turn on the line
SEND_BUFFER = 65_536
# The plainest of congestion controls is in every kernel and gives way more readily on a loss than cubic or BBR.
CONGESTION_CONTROL = b"reno"
_INFO = struct.Struct("=8B24I4Q6I4Q2I2QI")  # struct tcp_info up to tcpi_dsack_dups (Linux 4.19)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a connection tells. Counters grow from its start."""

    at_s: float
    rtt_ms: float  # the kernel's smoothed round trip (RFC 6298)
    acks: int  # segments heard from the other end
    acked: int  # bytes that the other end has
    resent: int  # segments sent once more …
    in_vain: int  # … and those of them that had not been lost (the other end says so a round trip later)
    unsent: int  # bytes that wait in the socket because TCP cannot carry them yet


def prepare(sock: socket.socket, family: int) -> None:
    """Before connecting: everything this socket ever sends, the handshake too, is marked. Never raises."""
    options: list[tuple[int, int, int | bytes]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        # A small send buffer keeps the sent offset honest, leaves room on the line, and little to send twice.
        (socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER),
        (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES),
        (socket.IPPROTO_TCP, socket.TCP_CONGESTION, CONGESTION_CONTROL),
    ]
    if family == socket.AF_INET6:
        options.append((socket.IPPROTO_IPV6, IPV6_TCLASS, LOWER_EFFORT))
    else:
        options.append((socket.IPPROTO_IP, socket.IP_TOS, LOWER_EFFORT))
    for level, name, value in options:
        with contextlib.suppress(OSError):  # a courtesy that this kernel does not know is no reason not to send
            sock.setsockopt(level, name, value)


def pace(sock: socket.socket, bytes_per_s: float) -> None:
    """Let the kernel spread what is sent in between our own waits, so that no burst fills a router's queue."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, min(round(bytes_per_s), 2**31 - 1))


def read(sock: socket.socket, at_s: float) -> Reading | None:
    """A look at the connection; None where the kernel does not tell, or the connection is over."""
    try:
        data = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
    except OSError:
        return None
    if len(data) < _INFO.size:
        return None
    numbers = _INFO.unpack(data)
    words, longs, more = numbers[8:32], numbers[32:36], numbers[36:42]
    return Reading(
        at_s=at_s,
        rtt_ms=words[15] / 1000,
        acks=more[1],
        acked=longs[2],
        resent=words[23],
        in_vain=numbers[-1],
        unsent=more[2],
    )


def network(sock: socket.socket) -> str:
    """A name for the way that this connection takes: our address and theirs. Empty when it is over."""
    try:
        return f"{sock.getsockname()[0]} {sock.getpeername()[0]}"
    except OSError:
        return ""
