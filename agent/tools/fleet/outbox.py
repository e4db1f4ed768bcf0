"""What one simulated node holds until the broker has it: the spool's promise without its disk."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from agent.clock import Clock, Moment
from agent.contract.envelope import seal
from agent.values import OutgoingMessage

MOST_ROWS = 300  # above it the oldest is dropped, and counted


@dataclass(frozen=True, slots=True)
class Row:
    """One message that waits; `key` tells revisions of events apart, thumbnails have none."""

    topic: str
    body: bytes = field(repr=False)
    at: Moment
    key: bytes | None


class Outbox:
    """Rows are numbered for ever; the number is the message's `seq`. They leave in the order of their numbers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[int, Row] = {}
        self._next = 1
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: Row) -> None:
        """One more."""
        if len(self._rows) >= MOST_ROWS:
            del self._rows[next(iter(self._rows))]
            self.dropped += 1
        self._rows[self._next] = row
        self._next += 1

    def pending(self, limit: int, skip: Collection[int]) -> Sequence[OutgoingMessage]:
        """The next ones to publish."""
        found: list[OutgoingMessage] = []
        for number, row in self._rows.items():
            if len(found) >= limit:
                break
            if number not in skip:
                found.append(OutgoingMessage(number, row.topic, self._payload(number, row)))
        return found

    def ack(self, numbers: Sequence[int]) -> list[bytes]:
        """The broker has these; gives the keys of events among them."""
        keys = []
        for number in numbers:
            row = self._rows.pop(number, None)
            if row is not None and row.key is not None:
                keys.append(row.key)
        return keys

    def keys(self) -> list[bytes]:
        """Of the events that wait."""
        return [row.key for row in self._rows.values() if row.key is not None]

    def _payload(self, number: int, row: Row) -> bytes:
        if row.key is None:
            return row.body
        return seal(row.body, row.topic, row.at, self._clock, number)  # anew each time, as the spool does
