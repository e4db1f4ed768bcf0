"""How much of a round trip is waiting in a queue: the round trip now, less the smallest one of that network.

After the delay filters of LEDBAT (RFC 6817, section 3.4): the base is the smallest of a history of minutes, the present
delay the smallest of the last moments, so that neither the jitter of a radio nor an acknowledgement that waited for a
second packet is taken for a queue.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from agent.uplink.wire import Reading

# RFC 6817 keeps ten minutes. A household's film lasts longer, and a base that was forgotten under load is learnt wrong.
BASE_MINUTES = 30
NETWORKS = 8
LATEST_S = 0.3
KEPT = 0.875  # of the smoothed round trip at each new sample (RFC 6298: alpha is 1/8)


@dataclass(slots=True)
class Base:
    """The smallest round trip of each of the last minutes on one network, in milliseconds."""

    minutes: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=BASE_MINUTES))

    def learn(self, at_s: float, rtt_ms: float) -> None:
        """One sample."""
        minute = int(at_s // 60)
        if self.minutes and self.minutes[-1][0] == minute:
            self.minutes[-1] = (minute, min(rtt_ms, self.minutes[-1][1]))
        else:
            self.minutes.append((minute, rtt_ms))

    def least_ms(self) -> float | None:
        """The base delay; None before the first sample."""
        return min((rtt_ms for _, rtt_ms in self.minutes), default=None)


class Delays:
    """Turns readings of changing connections into a queueing delay. Remembers the base of the last few networks."""

    def __init__(self) -> None:
        self._bases: OrderedDict[str, Base] = OrderedDict()
        self._base = Base()
        self._latest: deque[tuple[float, float]] = deque()  # (when, milliseconds)

    def opened(self, network: str) -> None:
        """A new connection; what was learnt of its network holds."""
        self._base = self._bases.setdefault(network, Base())
        self._bases.move_to_end(network)
        while len(self._bases) > NETWORKS:
            self._bases.popitem(last=False)
        self._latest.clear()

    def queue_ms(self, before: Reading, now: Reading) -> float | None:
        """The time that our packets wait on the way; None when nothing came back between the readings."""
        sample_ms = newest_ms(before, now)
        if sample_ms is None:
            return None
        self._base.learn(now.at_s, sample_ms)
        self._latest.append((now.at_s, sample_ms))
        while self._latest[0][0] < now.at_s - LATEST_S:
            self._latest.popleft()
        base_ms = self._base.least_ms()
        return max(0.0, min(each for _, each in self._latest) - base_ms) if base_ms is not None else None


def newest_ms(before: Reading, now: Reading) -> float | None:
    """The mean round trip since `before`, with the kernel's smoothing undone; None when nothing came back."""
    answers = now.acks - before.acks
    if answers <= 0:
        return None
    if before.rtt_ms <= 0:
        return now.rtt_ms
    kept = KEPT**answers
    return max(0.0, (now.rtt_ms - kept * before.rtt_ms) / (1 - kept))
