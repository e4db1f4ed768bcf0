"""Retained topics whose newest value is all that counts: health, faults, birth. Sent again after every reconnect."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RetainedMessage:
    """What stands on a topic until something newer does; an empty payload clears it."""

    topic: str
    payload: bytes = field(repr=False)
    expiry_s: int | None = None


class LatestStates:
    """Newest value per topic; thread-safe. `changed` is called after each change, to wake the sender."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._changed = changed
        self._messages: dict[str, RetainedMessage] = {}
        self._dirty: dict[str, None] = {}  # topics in the order of their first unsent change

    def put(self, message: RetainedMessage) -> None:
        """This is how it is now. A cleared topic is forgotten once it has been sent."""
        with self._lock:
            self._messages[message.topic] = message
            self._dirty.setdefault(message.topic)
        self._changed()

    def clear(self, topics: Iterable[str]) -> None:
        """Clear those on which nothing stands; asked and done in one step, as another thread may `put` meanwhile."""
        with self._lock:
            for topic in topics:
                if topic not in self._messages:
                    self._messages[topic] = RetainedMessage(topic, b"")
                    self._dirty.setdefault(topic)
        self._changed()

    def take(self, limit: int) -> tuple[RetainedMessage, ...]:
        """Up to `limit` messages that the broker has not been given in this connection."""
        with self._lock:
            topics = list(self._dirty)[:limit]
            for topic in topics:
                del self._dirty[topic]
            return tuple(self._messages[topic] for topic in topics)

    def sent(self, message: RetainedMessage) -> None:
        """The broker has it; a clearing needs no repetition."""
        with self._lock:
            if not message.payload and self._messages.get(message.topic) is message:
                del self._messages[message.topic]

    def send_all_again(self) -> None:
        """A new connection: everything that stands is sent once more."""
        with self._lock:
            self._dirty = dict.fromkeys(self._messages)

    def topics(self) -> frozenset[str]:
        """All topics that have a value here."""
        with self._lock:
            return frozenset(self._messages)
