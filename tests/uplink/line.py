"""A line of paper: one queue that empties at a constant rate, and what the kernel would tell of a sender behind it."""

from dataclasses import dataclass

from agent.uplink.wire import Reading
from agent.uplink.yielding import Yielding

TICK_S = 0.02
PACKET = 1448.0


@dataclass
class PaperLine:
    """Bytes per second, bytes of queue; `others` is what somebody else keeps in that queue."""

    rate: float = 250_000.0
    room: float = 75_000.0
    base_ms: float = 20.0
    now_s: float = 0.0
    queued: float = 0.0
    others: float = 0.0
    arrived: float = 0.0
    acks: float = 0.0
    resent: int = 0
    in_vain: int = 0
    rtt_ms: float = 0.0
    unsent: float = 0.0

    def tick(self, pace: float) -> Reading:
        """We send at `pace` for one tick; the others take their share of what the line carries by their share of it."""
        self.now_s += TICK_S
        before = self.others + self.queued
        self.queued += pace * TICK_S
        whole = self.others + self.queued
        carried = min(self.rate * TICK_S, whole)
        ours = carried * self.queued / whole if whole else 0.0
        self.queued -= ours
        self.arrived += ours
        over = self.others + self.queued - self.room
        if over > 0 and self.queued:
            self.resent += 1
            self.queued = max(0.0, self.queued - over)
        sample_ms = self.base_ms + before / self.rate * 1000
        packets = ours / PACKET
        self.acks += packets
        kept = 0.875**packets
        self.rtt_ms = sample_ms if not self.rtt_ms else kept * self.rtt_ms + (1 - kept) * sample_ms
        return Reading(
            self.now_s, self.rtt_ms, int(self.acks), int(self.arrived), self.resent, self.in_vain, int(self.unsent)
        )

    def run(self, yielding: Yielding, seconds: float) -> float:
        """So long; gives the bytes per second that arrived."""
        before = self.arrived
        for _ in range(round(seconds / TICK_S)):
            yielding.read(self.tick(yielding.bytes_per_s))
        return (self.arrived - before) / seconds
