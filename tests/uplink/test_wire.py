"""What the kernel makes of an upload's socket."""

import socket

import pytest

from agent.clock import Clock
from agent.uplink import wire


@pytest.mark.parametrize(
    ("family", "host", "level", "option"),
    [
        (socket.AF_INET, "127.0.0.1", socket.IPPROTO_IP, socket.IP_TOS),
        (socket.AF_INET6, "::1", socket.IPPROTO_IPV6, wire.IPV6_TCLASS),
    ],
)
def test_everything_is_marked_as_lower_effort(family: int, host: str, level: int, option: int) -> None:
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"no {host} on this machine")
    with listener, socket.socket(family) as sock:
        wire.prepare(sock, family)
        sock.connect(listener.getsockname()[:2])
        assert sock.getsockopt(level, option) >> 2 == 1  # DSCP LE of RFC 8622
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == wire.UNSENT_BYTES


def test_a_reading_counts_what_the_other_end_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as sock:
        peer, _ = listener.accept()
        with peer:
            first = wire.read(sock, Clock().mono_s())
            sock.sendall(b"x" * 5000)
            assert len(peer.recv(5000, socket.MSG_WAITALL)) == 5000
            peer.sendall(b"y")
            assert sock.recv(1) == b"y"  # our bytes were acknowledged with it, at the latest
            second = wire.read(sock, Clock().mono_s())
        assert first is not None and second is not None
        assert second.acked - first.acked == 5000
        assert second.acks > first.acks
        assert 0 < second.rtt_ms < 1000
        assert (second.resent, second.in_vain, second.unsent) == (0, 0, 0)
        assert wire.network(sock) == "127.0.0.1 127.0.0.1"


def test_a_closed_socket_tells_nothing() -> None:
    sock = socket.socket()
    sock.close()
    assert wire.read(sock, 0.0) is None
    assert wire.network(sock) == ""
    wire.pace(sock, 1000.0)
