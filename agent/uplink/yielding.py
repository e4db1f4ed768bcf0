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
FLOOR = 3_000.0  # bytes per second (24 kbit/s): too little to be felt, enough to notice that the line is free again
FASTEST = 125_000_000.0  # 1 Gbit/s
STEP = 4_000.0  # bytes per second more in each second, at least …
GROWTH = 0.4  # … or this share of the pace: from the floor to 2 Mbit/s in 11 s, to 20 Mbit/s in 17 s
RETURN = 1.0  # far below what the line has carried
FAR = 0.25
LONGEST_STEP_S = 1.5
CREEP = 0.05  # per second near the pace at which the line was full
NEAR, BEYOND = 0.95, 1.1  # of that pace
# Of what arrives is kept at each cut in a row. The first lets a queue drain that we have made ourselves; if it does
# not, somebody else fills it.
KEPT = (0.8, 0.4, 0.1)
OURS = 2  # a queue that so many cuts have ended was our own
LONG_MS = 150.0  # a queue that our own growth does not make …
LONG_BYTES = 7_000.0  # … unless these, a few packets of ours, take longer on this line
CUT_REST_S = 0.35  # what the first cut has come to is seen after a while, and after the queue
NEXT_REST_S = 0.15
FALLING = 0.85
AT_LOSS = 1  # halve
LOSS_REST_S = 1.0  # packets of one loss are told over a while
CARRIED = 0.85  # of the pace: less, and somebody else takes the rest
WATCHED_S = 1.0
AHEAD = 2.0  # the pace is never further above what really arrived


@dataclass(frozen=True, slots=True)
class _Mark:
    at_s: float
    acked: int
    allowed: float  # bytes that the pace has permitted since the beginning


class Yielding:
    """A pace in bytes per second, made from what the connection tells, from `begin` on. Belongs to one thread."""

    def __init__(self, begin: float = FLOOR) -> None:
        self.bytes_per_s = begin
        self._delays = Delays()
        self._before: Reading | None = None
        self._marks: deque[_Mark] = deque()
        self._allowed = 0.0
        self._decided_s = 0.0
        self._full = FASTEST  # what arrived when it was our own packets that filled the line
        self._filled = FASTEST  # what arrived when it was filled the last time
        self._cuts = 0  # in a row
        self._cut_ms = 0.0  # the queue at the last of them
        self._rest_until_s = 0.0
        self._lost_until_s = 0.0
        self._losses = 0

    def opened(self, network: str) -> None:
        """A new connection, over `network`. The pace stays: only the line can tell that it is too much."""
        self._delays.opened(network)
        self._losses = 0
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
            self._decided_s = now.at_s
            self._mark(now, 0.0)
            return
        self._mark(now, self.bytes_per_s * (now.at_s - before.at_s))
        # One reading late, so that what was sent again in vain (a tail loss probe, RFC 8985) has been taken back.
        lost = before.resent - now.in_vain
        if lost > self._losses:
            self._losses = lost
            self._lost(now.at_s)
            return
        queue_ms = self._delays.queue_ms(before, now)
        if queue_ms is None:
            return
        # By time, not by answers: at the floor there is one in a second.
        took_s = min(now.at_s - self._decided_s, LONGEST_STEP_S)
        self._decided_s = now.at_s
        if queue_ms > TARGET_MS:
            self._crowded(queue_ms, now.at_s)
        elif not self._short(now):
            self._free(queue_ms, took_s)

    def _crowded(self, queue_ms: float, now_s: float) -> None:
        if now_s < self._rest_until_s:
            return
        if not self._cuts or queue_ms > FALLING * self._cut_ms:
            own_ms = LONG_BYTES / max(self._arriving(self.bytes_per_s), FLOOR) * 1000
            self._cut(len(KEPT) if queue_ms > max(LONG_MS, own_ms) else self._cuts)
        self._cut_ms = queue_ms
        self._rest_until_s = now_s + (CUT_REST_S if self._cuts == 1 else NEXT_REST_S) + queue_ms / 2000

    def _cut(self, deep: int) -> None:
        arriving = min(self.bytes_per_s, self._arriving(self.bytes_per_s))
        if not self._cuts:
            self._filled = arriving
        self._set(arriving * KEPT[min(deep, len(KEPT) - 1)])
        self._cuts += 1

    def _free(self, queue_ms: float, seconds: float) -> None:
        if 0 < self._cuts <= OURS and (self._filled > self._full / 2 or self._full == FASTEST):
            self._full = self._filled
        elif self.bytes_per_s > BEYOND * self._full:
            self._full = FASTEST  # it carries more now
        self._cuts = 0
        room = min(1.0, 2 * (1 - queue_ms / TARGET_MS))
        if self.bytes_per_s > NEAR * self._full:
            self._grow(CREEP * self.bytes_per_s * room * seconds)
        else:
            growth = GROWTH if self.bytes_per_s > FAR * self._full or self._full == FASTEST else RETURN
            self._grow(max(STEP, growth * self.bytes_per_s) * room * seconds)

    def _lost(self, now_s: float) -> None:
        if now_s >= max(self._lost_until_s, self._rest_until_s):
            self._lost_until_s, self._rest_until_s = now_s + LOSS_REST_S, now_s + CUT_REST_S
            self._cut(AT_LOSS)

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

    def _grow(self, more: float) -> None:
        grown = min(self.bytes_per_s + more, 2 * self.bytes_per_s)
        self._set(min(grown, max(AHEAD * self._arriving(grown) + STEP / 2, self.bytes_per_s)))

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
