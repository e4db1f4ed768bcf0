"""What all nodes of a run report to, from the turning thread and from those that connect."""

import hashlib
import threading

from agent.errors import AgentError
from agent.i18n import Text
from agent.tools.fleet.clocks import Power
from agent.tools.fleet.measures import Curve, Sizes
from agent.uplink import LinkStats

MOST_KEYS = 5_000_000  # revisions of events that are told apart; beyond it they are only counted


def key_of(node: str, event_id: str, rev: int) -> bytes:
    """Eight bytes for one revision of one event: two of a million are the same with a chance of 3 in 100 million."""
    return hashlib.blake2b(f"{node} {event_id} {rev}".encode(), digest_size=8).digest()


class Meter:
    """Thread-safe."""

    def __init__(self, power: Power) -> None:
        self._lock = threading.Lock()
        self._power = power
        self.tries = Curve()  # when nodes wanted to connect, whatever became of it
        self.connects = Curve()
        self.pubacks = Curve()
        self.puback_ms = Sizes()
        self.away_ms = Sizes()  # from the loss of a connection to the next
        self.late_ms = Sizes()  # how late this program itself was
        self.greeted = 0  # nodes that were let in at least once
        self.failures: dict[str, int] = {}
        self.said: dict[str, Text] = {}  # of the last with that code
        self.acked: set[bytes] = set()
        self.acked_events = 0
        self.made_events = 0
        self.commands = 0

    def connected(self, first: bool, away_s: float | None) -> None:
        """A node was let in, `away_s` after it lost its connection."""
        with self._lock:
            self.connects.add(self._power.since_s())
            self.greeted += first
            if away_s is not None:
                self.away_ms.add(away_s * 1000)

    def failed(self, error: AgentError) -> None:
        """A connection, or a try at one, ended."""
        with self._lock:
            self.failures[error.code] = self.failures.get(error.code, 0) + 1
            self.said[error.code] = error.text

    def puback(self, seconds: float) -> None:
        """The broker acknowledged a message after so long."""
        with self._lock:
            self.pubacks.add(self._power.since_s())
            self.puback_ms.add(seconds * 1000)

    def event_acked(self, key: bytes) -> None:
        """The broker has this revision."""
        with self._lock:
            self.acked_events += 1
            if len(self.acked) < MOST_KEYS:
                self.acked.add(key)

    def late(self, seconds: float) -> None:
        """Something was done so long after it was due."""
        with self._lock:
            self.late_ms.add(max(seconds, 0.0) * 1000)


class NodeStats(LinkStats):
    """The agent's own counters of one line, which also tell the meter."""

    def __init__(self, meter: Meter, power: Power) -> None:
        super().__init__()
        self._meter = meter
        self._power = power
        self._lost_s: float | None = None
        self._first = True

    def connected(self, protocol: str) -> None:
        """The broker has let us in."""
        super().connected(protocol)
        away_s = None if self._lost_s is None else self._power.since_s() - self._lost_s
        self._meter.connected(self._first, away_s)
        self._first, self._lost_s = False, None

    def lost(self) -> None:
        """No broker now."""
        if self.state().connected:
            self._lost_s = self._power.since_s()
        super().lost()

    def round_trip(self, seconds: float) -> None:
        """From a message to its acknowledgement."""
        super().round_trip(seconds)
        self._meter.puback(seconds)
