"""The connection to the media server: every byte waits for its share of the line, nothing waits for ever.

The socket does not block. A stop acts within a tenth of a second.
"""

import contextlib
import select
import socket
import ssl
import struct
from dataclasses import dataclass

from agent.clock import Clock
from agent.uplink.dial import SLICE_S, Guard, dial
from agent.uplink.peer import Peer, explain, lost, silent, tls_cut_short
from agent.uplink.share import LiveShare

CONNECT_S = 8.0
GLANCE_S = 0.1
STALLED_S = 8.0  # the server takes nothing for so long: it is gone
PICTURE_S = 3.0  # a picture that takes longer falls behind for good
MESSAGES_S = 0.3  # a live picture lets a message pass, but does not wait for a slow broker
MESSAGE_S = 0.05
RECEIVE_BYTES = 4096
RETRY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class TooSlow(Exception):
    """A picture would take longer to send than anybody wants to look at."""


@dataclass(frozen=True, slots=True)
class Way:
    """To whom, secured by what (None: plain), and how to wait."""

    peer: Peer
    context: ssl.SSLContext | None
    guard: Guard
    clock: Clock


class Pipe:
    """Belongs to one thread. Raises LinkError, TooSlow, and Interrupted when the guard's stop is set."""

    def __init__(self, way: Way, share: LiveShare) -> None:
        self._way = way
        self._share = share
        self._sock: socket.socket | None = None
        self._answered = False  # the server has said a word
        self.sent = 0  # bytes of ours

    @property
    def peer(self) -> Peer:
        """The media server."""
        return self._way.peer

    def open(self) -> None:
        """Connect, and prove who is who."""
        way = self._way
        way.guard.allow(CONNECT_S)
        sock: socket.socket | None = None
        try:
            sock = dial(way.peer.host, way.peer.port, way.guard, CONNECT_S)
            sock.settimeout(SLICE_S)
            if way.context is not None:
                secure = way.context.wrap_socket(sock, server_hostname=way.peer.host, do_handshake_on_connect=False)
                sock = secure
                way.guard.patiently(secure.do_handshake, CONNECT_S)
            sock.setblocking(False)
        except OSError as error:
            if sock is not None:
                sock.close()
            raise explain(error, way.peer, way.clock) from error
        self._sock = sock
        self._share.opened(sock)

    def send(self, data: bytes) -> None:
        """All of it, at the pace of the share."""
        left = memoryview(data)
        begin_s = self._way.clock.mono_s()
        while left:
            piece = left[: self._share.piece_bytes]
            self._wait_turn(len(piece), begin_s)
            self._hand_over(piece, begin_s)
            left = left[len(piece) :]

    def receive(self, timeout_s: float) -> bytes:
        """What the server says; nothing when it says nothing in time."""
        sock = self._open_socket()
        end_s = self._way.clock.mono_s() + timeout_s
        while True:
            self._way.guard.pause(0.0)
            try:
                data = sock.recv(RECEIVE_BYTES)
            except RETRY:
                left_s = end_s - self._way.clock.mono_s()
                if left_s <= 0:
                    return b""
                _ready(sock, select.POLLIN, min(left_s, GLANCE_S))
                continue
            except OSError as error:
                raise explain(error, self.peer, self._way.clock) from error
            if not data:
                raise self._ended()
            self._answered = True
            return data

    def last_word(self, data: bytes) -> None:
        """Send it if that takes no time."""
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._share.take(len(data))
                self.sent += self._sock.send(data)

    def close(self, *, at_once: bool = False) -> None:
        """Hang up; may be called again. `at_once`: what waits in the socket is old by now and is not sent any more."""
        if self._sock is not None:
            with contextlib.suppress(OSError):
                if at_once:
                    self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._sock.close()
            self._sock = None

    def _wait_turn(self, count: int, begin_s: float) -> None:
        waited_s = 0.0
        while waited_s < MESSAGES_S and self._share.messages_first:
            self._way.guard.pause(MESSAGE_S)
            waited_s += MESSAGE_S
        if waited_s:
            self._share.resume()
        left_s = self._share.take(count)
        while left_s > 0:
            self._check(begin_s)
            self._way.guard.pause(min(left_s, GLANCE_S))
            left_s -= GLANCE_S
            self._share.look()

    def _hand_over(self, piece: memoryview, begin_s: float) -> None:
        sock = self._open_socket()
        moved_s = self._way.clock.mono_s()
        while piece:
            self._way.guard.pause(0.0)
            try:
                count = sock.send(piece)
            except RETRY as full:
                self._share.waits()
                if self._way.clock.mono_s() - moved_s > STALLED_S:
                    raise silent(self.peer) from full
                self._check(begin_s)
                _ready(sock, select.POLLIN if isinstance(full, ssl.SSLWantReadError) else select.POLLOUT, GLANCE_S)
                self._share.look()
            except OSError as error:
                raise self._ended(error) from error
            else:
                self.sent += count
                piece = piece[count:]
                moved_s = self._way.clock.mono_s()

    def _check(self, begin_s: float) -> None:
        if self._way.clock.mono_s() - begin_s > PICTURE_S:
            raise TooSlow

    def _ended(self, error: OSError | None = None) -> Exception:
        # TLS 1.3 lets a client speak before the server has looked at its certificate.
        if self._way.context is not None and not self._answered and not isinstance(error, ssl.SSLError):
            return tls_cut_short(self.peer)
        return explain(error, self.peer, self._way.clock) if error is not None else lost(self.peer)

    def _open_socket(self) -> socket.socket:
        if self._sock is None:
            raise lost(self.peer)
        return self._sock


def _ready(sock: socket.socket, what: int, seconds: float) -> None:
    if isinstance(sock, ssl.SSLSocket) and what == select.POLLIN and sock.pending():
        return
    poll = select.poll()
    poll.register(sock, what)
    poll.poll(seconds * 1000)
