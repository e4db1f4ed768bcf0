"""The stream: messages into batches, batches into the database, and only then acknowledgements.

One thread. While the database does not work the batch waits, the broker stops at `in_flight` messages and keeps the
rest. When the connection ends, what was not acknowledged is forgotten here and comes again.
"""

import logging
import random
import time
from datetime import datetime, timezone
from threading import Event

from paho.mqtt.client import MQTTMessage

from .connect import Connection
from .options import Options
from .parse import read
from .store import Entry, Store
from .words import NotNow, Words

log = logging.getLogger("consumer")
GREETING_S = 20.0  # a broker that takes longer to answer does not work
STATE_EVERY_S = 60.0
CENSUS_S = 10.0  # after the last retained message, the broker has no more of them
LEAVING_S = 5.0
TURN_S = 0.2
FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0


class Rest:
    """How long to wait before the next try: longer each time, and never the same."""

    def __init__(self) -> None:
        self._next_s = FIRST_REST_S

    def worked(self) -> None:
        """Begin again with short ones."""
        self._next_s = FIRST_REST_S

    def again_s(self) -> float:
        """So many seconds from now."""
        rest_s, self._next_s = self._next_s, min(self._next_s * 2, LONGEST_REST_S)
        return random.uniform(rest_s / 2, rest_s)


class Consumer:
    """`run` until `stop`. With `leaving`: take what the broker still has for us, then give up the session for good."""

    def __init__(self, options: Options, store: Store, stop: Event, leaving: bool = False) -> None:
        self._options = options
        self._store = store
        self._stop = stop
        self._leaving = leaving
        self._batch: list[tuple[MQTTMessage, Entry | None]] = []
        self._oldest_s = 0.0
        self._heard_s = 0.0
        self._retained_s: float | None = None
        self._say_s = 0.0
        self._again_s = 0.0
        self._rest = Rest()
        self._answer = False  # another consumer of this ward went away: say that we are here
        self.stored = 0
        self.refused = 0

    def run(self) -> None:
        """Comes back when it was told to stop, or has left. Raises ConsumerError for what waiting does not mend."""
        rest = Rest()
        while not self._stop.is_set():
            self._batch.clear()
            connection = Connection(self._options, self._heard)
            try:
                self._greet(connection)
                rest.worked()
                while not self._stop.is_set() and not self._has_left():
                    self._turn(connection)
                self._farewell(connection)
                return
            except NotNow as error:
                log.warning("%s", error)
                self._stop.wait(rest.again_s())
            finally:
                connection.drop()

    def _greet(self, connection: Connection) -> None:
        connection.open()
        until_s = time.monotonic() + GREETING_S
        while not connection.ready:
            if time.monotonic() > until_s or self._stop.is_set():
                raise NotNow(Words(en="the broker does not answer", vi="máy chủ MQTT không trả lời"))
            connection.turn(TURN_S)
        place, group = self._options.place, self._options.group
        if self._leaving:
            connection.unsubscribe((*place.filters(group), *place.retained(), place.server_state()))
            self._retained_s = None
        else:
            # Also where the session was kept: mosquitto forgets with each restart what was subscribed to as a group.
            connection.subscribe((*place.filters(group), place.server_state()))
            self._retained_s = None
            if group:
                connection.subscribe(place.retained())  # for a while: what the broker kept before we were here
                self._retained_s = time.monotonic()
        self._say_s, self._heard_s = 0.0, time.monotonic()
        log.info(
            "connected as %s; the session was %s", self._options.id, "kept" if connection.session_present else "new"
        )

    def _heard(self, message: MQTTMessage) -> None:
        now_s = time.monotonic()
        self._heard_s = now_s
        if not self._batch:
            self._oldest_s = now_s
        if message.retain and self._retained_s is not None:
            self._retained_s = now_s
        if message.topic == self._options.place.server_state():
            self._answer = self._answer or (not message.retain and b'"online"' not in message.payload)
            self._batch.append((message, None))
            return
        at = datetime.now(timezone.utc)
        topic, payload = message.topic, bytes(message.payload)
        told = read(self._options.place, topic, payload, at, message.retain)
        entry = Entry(told, topic, payload, at) if told else None
        message.payload = b""  # read already; only its number is of interest
        self._batch.append((message, entry))

    def _turn(self, connection: Connection) -> None:
        connection.turn(min(TURN_S, self._options.within_s))
        now_s = time.monotonic()
        full = len(self._batch) >= max(1, self._options.in_flight // 2)  # the broker sends while we write
        if self._batch and now_s >= self._again_s and (full or now_s - self._oldest_s >= self._options.within_s):
            self._flush(connection)
        if self._retained_s is not None and now_s - self._retained_s > CENSUS_S:
            connection.unsubscribe(self._options.place.retained())
            self._retained_s = None
        if (now_s >= self._say_s or self._answer) and not self._leaving:
            connection.say("online")
            self._answer = False
            self._say_s = now_s + STATE_EVERY_S
            self._alive(now_s)

    def _flush(self, connection: Connection) -> None:
        entries = [entry for _, entry in self._batch if entry is not None]
        try:
            self.refused += self._store.write(entries)
        except NotNow as error:
            log.warning("%s", error)
            self._again_s = time.monotonic() + self._rest.again_s()
            return
        self._rest.worked()
        self.stored += len(entries)
        for message, _ in self._batch:
            connection.done(message)
        self._batch.clear()

    def _alive(self, now_s: float) -> None:
        log.info(
            "%d messages, %d of them refused; %d wait for the database", self.stored, self.refused, len(self._batch)
        )
        if now_s >= self._again_s:
            try:
                self._store.alive()
            except NotNow as error:
                log.warning("%s", error)
                self._again_s = now_s + self._rest.again_s()

    def _has_left(self) -> bool:
        return self._leaving and not self._batch and time.monotonic() - self._heard_s > LEAVING_S

    def _farewell(self, connection: Connection) -> None:
        if self._batch:
            self._flush(connection)
        connection.leave(for_good=self._has_left())
