"""The pace of uploads that step back while somebody else in the house uses the line.

After LEDBAT (RFC 6817): as long as our packets hardly wait on their way the pace grows, when they wait longer than
`TARGET_MS` it shrinks. Because a short queue never gets that long, two more signs count: packets lost, and bytes that
stay in our socket because the line no longer carries the pace. It is a pace, not a window: on a line with a short round
trip a window of one packet is still half of 2 Mbit/s.
"""

from collections import deque
from dataclasses import dataclass

from agent.uplink.delays import Delays
from agent.uplink.wire import Reading

TARGET_MS = 25.0
FLOOR = 2_000.0  # bytes per second (16 kbit/s): too little to be felt, enough to notice that the line is free again
FASTEST = 125_000_000.0  # 1 Gbit/s
STEP = 20_000.0  # bytes per second more in each second: 90 % of 2 Mbit/s after 12 s …
GROWTH = 0.15  # … and of 20 Mbit/s after 30 s
DEEPEST_CUT = 0.5  # of the pace, per CUT_S
CUT_GAIN = 0.5
CUT_S = 0.1
LOSS_REST_S = 1.0  # packets of one loss are told over a while
CARRIED = 0.85  # of the pace: less, and somebody else takes the rest
WATCHED_S = 1.0
AHEAD = 1.5  # the pace is never further above what really arrived


@dataclass(frozen=True, slots=True)
class _Mark:
    at_s: float
    acked: int
    allowed: float  # bytes that the pace has permitted since the beginning


class Yielding:
    """A pace in bytes per second, made from what the connection tells. Belongs to the upload thread."""

    def __init__(self) -> None:
        self.bytes_per_s = FLOOR
        self._delays = Delays()
        self._before: Reading | None = None
        self._marks: deque[_Mark] = deque()
        self._allowed = 0.0
        self._rest_until_s = 0.0

    def opened(self, network: str) -> None:
        """A new connection, over `network`. The pace stays: only the line can tell that it is too much."""
        self._delays.opened(network)
        self._before = None
        self._marks.clear()

    def resume(self) -> None:
        """We sent nothing for a while of our own accord: that little arrived meanwhile tells nothing."""
        self._before = None
        self._marks.clear()

    def read(self, now: Reading) -> None:
        """Learn from one reading, taken while something is being sent."""
        before, self._before = self._before, now
        if before is None:
            self._mark(now, 0.0)
            return
        took_s = min(now.at_s - before.at_s, 1.0)
        self._mark(now, self.bytes_per_s * took_s)
        if now.resent > before.resent:
            self._lost(now)
            return
        queue_ms = self._delays.queue_ms(before, now)
        if queue_ms is None:
            return
        if queue_ms > TARGET_MS:
            over = min(DEEPEST_CUT, CUT_GAIN * (queue_ms / TARGET_MS - 1))
            self._set(min(self.bytes_per_s, self._arriving(self.bytes_per_s)) * (1 - over) ** (took_s / CUT_S))
        elif not self._short(now):
            self._grow((1 - queue_ms / TARGET_MS) * took_s)

    def _lost(self, now: Reading) -> None:
        if now.at_s >= self._rest_until_s:
            self._rest_until_s = now.at_s + LOSS_REST_S
            self._set(self.bytes_per_s / 2)

    def _short(self, now: Reading) -> bool:
        # Only while TCP itself holds bytes back: else it was we who had nothing to send, or no time.
        first = self._marks[0]
        if now.at_s - first.at_s < WATCHED_S or not now.unsent:
            return False
        arrived, allowed = now.acked - first.acked, self._allowed - first.allowed
        if arrived >= CARRIED * allowed:
            return False
        self._set(CARRIED * arrived / (now.at_s - first.at_s))
        self._marks.clear()
        self._marks.append(_Mark(now.at_s, now.acked, self._allowed))
        return True

    def _grow(self, seconds: float) -> None:
        more = max(STEP, GROWTH * self.bytes_per_s) * seconds
        grown = min(self.bytes_per_s + more, 2 * self.bytes_per_s)
        self._set(min(grown, max(AHEAD * self._arriving(grown) + STEP / 10, self.bytes_per_s)))

    def _arriving(self, otherwise: float) -> float:
        """Bytes per second that reached the other end lately; `otherwise` when that was not watched long enough."""
        first, last = self._marks[0], self._marks[-1]
        seconds = last.at_s - first.at_s
        return (last.acked - first.acked) / seconds if seconds >= WATCHED_S / 2 else otherwise

    def _mark(self, now: Reading, allowed: float) -> None:
        self._allowed += allowed
        self._marks.append(_Mark(now.at_s, now.acked, self._allowed))
        while len(self._marks) > 2 and now.at_s - self._marks[1].at_s >= WATCHED_S:
            self._marks.popleft()

    def _set(self, bytes_per_s: float) -> None:
        self.bytes_per_s = min(max(bytes_per_s, FLOOR), FASTEST)
