"""The pace of one user of the line: how fast it is comes from its own socket, and holds for what it hands over next."""

import socket

from agent.clock import Clock
from agent.uplink import wire
from agent.uplink.limiter import Burst, TokenBucket
from agent.uplink.yielding import FLOOR, Yielding

READ_EVERY_S = 0.015
# At least two packets and a short one. Two are acknowledged at once, and so is a short one at the end (Linux); an even
# number of full ones may be acknowledged one step late for ever, which looks like a queue.
SMALLEST_STEP = 3_400
SMOOTHER = 2.0  # the kernel's own pace above ours, so that it spreads and never holds back
UNSPREAD = 500_000.0  # bytes per second: two packets that are spread wider look like a queue


class Pace:
    """Steps back while the family uses the line. Belongs to the thread that sends; the rate may be read in any."""

    def __init__(self, clock: Clock, burst_s: float, begin: float = FLOOR) -> None:
        self._clock = clock
        self._yielding = Yielding(begin)
        self._step = TokenBucket(begin / 125, clock, Burst(burst_s, SMALLEST_STEP))
        self._sock: socket.socket | None = None
        self._read_s = clock.mono_s()

    @property
    def bytes_per_s(self) -> float:
        """What the line is thought to carry beside the family."""
        return self._yielding.bytes_per_s

    def opened(self, sock: socket.socket) -> None:
        """The connection to look at from now on."""
        self._sock = sock
        self._yielding.opened(wire.network(sock))
        self._apply(sock)

    def closed(self) -> None:
        """There is nothing to look at any more."""
        self._sock = None

    def resume(self) -> None:
        """The next bytes come after a pause that the line is not to blame for."""
        self._yielding.resume()

    def piece_bytes(self, seconds: float) -> int:
        """What leaves in so many seconds, and never less than is acknowledged at once."""
        return max(round(self.bytes_per_s * seconds), SMALLEST_STEP)

    def take(self, count: int) -> float:
        """Count `count` bytes as sent; gives the seconds to wait before sending them."""
        self.look()
        return self._step.take(count)

    def look(self) -> None:
        """Learn how the line is, if it is time to; also during a wait."""
        now_s = self._clock.mono_s()
        if self._sock is None or now_s - self._read_s < READ_EVERY_S:
            return
        self._read_s = now_s
        reading = wire.read(self._sock, now_s)
        if reading is None:  # this kernel does not tell: the cap alone counts
            self._step.change(0)
            return
        self._yielding.read(reading)
        self._apply(self._sock)

    def _apply(self, sock: socket.socket) -> None:
        self._step.change(self.bytes_per_s)
        wire.pace(sock, max(SMOOTHER * self.bytes_per_s, UNSPREAD))


class Paced:
    """Who sends by a pace; without one, where the household asked for none, the line is not looked at."""

    def __init__(self, pace: Pace | None) -> None:
        self._pace = pace

    def opened(self, sock: socket.socket) -> None:
        """The connection that it leaves by."""
        if self._pace is not None:
            self._pace.opened(sock)

    def resume(self) -> None:
        """The next bytes come after a pause that the line is not to blame for."""
        if self._pace is not None:
            self._pace.resume()

    def look(self) -> None:
        """Learn how the line is, if it is time to; also during a wait."""
        if self._pace is not None:
            self._pace.look()
