"""Job "mqtt": keeps one connection to the broker and moves the spool's messages through it.

In: pending messages, newest states, commands' topics. Out: acknowledged rows, commands. What the broker refuses is
kept, reported and tried again later; it neither blocks the rest nor gets lost.
"""

from collections import deque
from collections.abc import Iterable
from threading import Event

from paho.mqtt.client import MQTTMessage

from agent.errors import AgentError, LinkError
from agent.uplink.connection import Connection
from agent.uplink.doors import MqttDoors
from agent.uplink.latest import LatestStates, RetainedMessage
from agent.uplink.memory import DUPLICATE_REST_S, REFUSED_REST_S, LinkMemory
from agent.uplink.peer import lost, silent
from agent.uplink.refusals import (
    FAILURE,
    NOBODY_LISTENS,
    UNSUPPORTED_VERSION,
    connection_refused,
    duplicate,
    message_refused,
)
from agent.uplink.terms import Hello, Interest, Kicked, MqttLink, NoMqtt5, Puback, Sent
from agent.worker import Outcome

TURN_S = 0.25  # also how late news from the spool is noticed when nobody calls `wake`
REFUSED_ROWS = 100  # more than this many held back: stop fetching until the oldest is due
FAREWELL_S = 0.7
FORGET_REFUSED_S = 600.0
PUBACK_S = 120.0  # what may be in flight, and the largest thumbnail, take 20 s at 24 kbit/s
FLIGHT_BYTES = 16_384  # on a slow line a live event waits behind what is in flight: 0.8 s of 20 kB/s, and one message
NOT_AUTHORISED = 135
TOO_LARGE = 149
ANSWERS = 80  # refusals that wait for room; more are not allowed in a minute
REST_S = 0.01  # after a command: where one comes many may, and are read together
LOOK_S = 0.25  # while commands flood in the spool is asked this often: that reads a database
PUBLISH_SOURCE = "mqtt-publish"  # the name under which refusals are reported


class MqttJob:
    """Raises LinkError; is made anew after each, with the same `memory`."""

    turn_s = TURN_S  # 0 for whoever waits for the `interest` of many jobs

    def __init__(self, link: MqttLink, doors: MqttDoors, states: LatestStates, memory: LinkMemory, stop: Event) -> None:
        self._link = link
        self._doors = doors
        self._states = states
        self._memory = memory
        self._stop = stop
        self._clock = memory.clock
        self._session = memory.new_session()
        self._connection: Connection | None = None
        self._identity = memory.identity
        self._greeted = False
        self._flight: dict[int, Sent] = {}
        self._held: dict[int | str, float] = {}  # refused row, or topic of a state -> when to try again
        self._answers: deque[RetainedMessage] = deque(maxlen=ANSWERS)
        self._looked_s = 0.0
        self._heard = 0  # commands, in the last turn
        self._complained = True  # an earlier job may have

    def run_once(self) -> Outcome:
        """Connect, or turn the connection once and move what can be moved."""
        wait_s = self._memory.wait_s()
        if wait_s > 0:
            self._stop.wait(min(wait_s, 1.0))
            return Outcome.IDLE
        try:
            return self._attempt()
        except LinkError as error:
            if self._connection is None:
                self._memory.unreachable()
            self._memory.failed(self._link.section.url, error.silent)
            if error.code in {"broker_auth", "broker_refused"} and not self._memory.another_address():
                self._memory.rest(REFUSED_REST_S)
            if error.code == "duplicate_identity":
                self._memory.rest(DUPLICATE_REST_S)
            raise

    def _attempt(self) -> Outcome:
        try:
            return self._turn(self.turn_s)
        except NoMqtt5 as error:
            return self._try_older(error)
        except Kicked as error:
            if self._memory.kicked(error.after_s):
                raise duplicate(self._link.topics.node) from error
            raise self._lost() from error

    def interest(self) -> Interest | None:
        """What the next `run_once` waits for; None without a connection."""
        return self._connection.interest() if self._connection else None

    def close(self) -> None:
        """On a stop: what is pending, then `stopped`, within about a second. After an error the Will shall speak."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._memory.stats.lost()
        try:
            if self._stop.is_set() and self._greeted:
                self._farewell(connection)
        except (LinkError, Kicked, NoMqtt5):
            return  # the line went down first: the Will speaks
        finally:
            connection.drop()

    def _turn(self, timeout_s: float) -> Outcome:
        if self._identity != self._memory.identity:
            self._show_anew()
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.turn(timeout_s, self._memory.wake, REST_S if self._heard and timeout_s else 0.0)
        if connection.terms is None:
            return Outcome.IDLE
        if not self._greeted:
            self._greet(connection)
        self._heard = self._hear(connection)
        pubacks = connection.take_pubacks()
        self._settle(connection, pubacks)
        if not self._heard or pubacks or self._clock.mono_s() - self._looked_s >= LOOK_S:
            self._send(connection)
        self._memory.stats.in_flight = self._flight_bytes()
        if self._oldest_s() > PUBACK_S:
            raise silent(connection.peer)  # it answers pings, and would hold up clips for ever: another may do better
        return Outcome.WORKED

    def _show_anew(self) -> None:
        """Another certificate: a connection anew. What is unacknowledged is still in the spool and leaves once more."""
        self._identity = self._memory.identity
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._greeted:
            self._memory.stats.lost()
        # Without a farewell: should the new one not be let in, the Will says so; else its delay is not over.
        connection.drop()
        self._greeted = False
        self._flight.clear()
        self._session = self._memory.new_session()

    def _hear(self, connection: Connection) -> int:
        messages = connection.take_messages()
        done: list[MQTTMessage] = []
        try:
            for message in messages:
                done.append(message)  # also one that breaks something in a way nobody foresaw: it would break it again
                answer = self._doors.command(message.topic, bytes(message.payload), message.retain)
                if answer is not None:
                    self._answers.append(answer)
        except AgentError:
            done.pop()  # nothing was done about it: the broker shall bring it again
            raise
        finally:
            connection.done(done)
        return len(messages)

    def _connect(self) -> Connection:
        setting = self._link.section.protocol
        version = self._memory.version() if setting == "auto" else setting
        will = self._doors.availability("offline", self._session)
        return Connection(self._link, self._memory.address(self._link.section.url), Hello(version, will), self._clock)

    def _try_older(self, error: NoMqtt5) -> Outcome:
        connection, self._connection = self._connection, None
        version = connection.version if connection else "5"
        if version == "5" and self._link.section.protocol == "auto":
            self._memory.no_mqtt5(error.said_so)
            return Outcome.IDLE
        self._memory.hung_up_on_old()
        if connection and error.said_so:
            raise connection_refused(UNSUPPORTED_VERSION, connection.peer) from error
        raise self._lost(connection) from error

    def _lost(self, connection: Connection | None = None) -> LinkError:
        connection = connection or self._connection
        assert connection is not None
        return lost(connection.peer)

    def _greet(self, connection: Connection) -> None:
        self._greeted = True
        self._memory.connected()
        self._memory.stats.connected(connection.version)
        self._doors.connected()
        topics = self._link.topics
        connection.subscribe(topics.commands())
        connection.subscribe_state(topics.server_state())
        self._publish(connection, self._availability("online"))
        self._publish(connection, self._doors.birth(self._session))
        self._states.send_all_again()
        if not self._memory.stale_cleared:
            ours = {topics.availability(), topics.birth()}
            self._states.clear(sorted(set(self._doors.retained_topics()) - ours))
            self._memory.stale_cleared = True

    def _availability(self, state: str) -> RetainedMessage:
        return RetainedMessage(self._link.topics.availability(), self._doors.availability(state, self._session))

    def _send(self, connection: Connection) -> None:
        self._looked_s = now_s = self._clock.mono_s()
        while self._answers and self._room(connection):
            self._publish(connection, self._answers.popleft(), retain=False)
        if self._memory.rebirth_asked():
            self._publish(connection, self._doors.birth(self._session))
            self._states.send_all_again()
        self._retry_states(now_s)
        while self._room(connection) and (states := self._states.take(1)):
            self._publish(connection, states[0])
        room = self._room(connection)
        resting = {key for key, due_s in self._held.items() if due_s > now_s and isinstance(key, int)}
        if room == 0 or len(resting) >= REFUSED_ROWS:
            return
        busy = {sent.row for sent in self._flight.values() if sent.row is not None} | resting
        for message in self._doors.pending(room, busy):
            if not self._room(connection):
                break
            plain = RetainedMessage(message.topic, message.payload, message.expiry_s)
            if len(message.payload) + len(message.topic) + 64 > (
                connection.terms.largest_out if connection.terms else 0
            ):
                self._refused(connection, Sent(plain, now_s, message.row), TOO_LARGE)
            else:
                self._publish(connection, plain, message.row, message.retain)

    def _retry_states(self, now_s: float) -> None:
        # What nobody asked for again in a long time was dropped or replaced elsewhere.
        self._held = {key: due_s for key, due_s in self._held.items() if now_s - due_s < FORGET_REFUSED_S}
        due = [key for key, due_s in self._held.items() if isinstance(key, str) and due_s <= now_s]
        if due:
            self._held.update(dict.fromkeys(due, now_s + REFUSED_REST_S))
            self._states.send_all_again()

    def _room(self, connection: Connection) -> int:
        if self._flight_bytes() >= FLIGHT_BYTES:
            return 0
        return max((connection.terms.window if connection.terms else 0) - len(self._flight), 0)

    def _oldest_s(self) -> float:
        """How long the broker has kept us waiting for its word."""
        now_s = self._clock.mono_s()
        return max((now_s - sent.at_s for sent in self._flight.values()), default=0.0)

    def _flight_bytes(self) -> int:
        return sum(sent.bytes for sent in self._flight.values())

    def _publish(
        self, connection: Connection, message: RetainedMessage, row: int | None = None, retain: bool = True
    ) -> None:
        sent = Sent(message, self._clock.mono_s(), row)
        self._flight[connection.publish(message, retain)] = sent
        self._memory.stats.published(sent.bytes)

    def _settle(self, connection: Connection, pubacks: Iterable[Puback]) -> None:
        rows: list[int] = []
        cleared: list[str] = []
        for puback in pubacks:
            sent = self._flight.pop(puback.mid, None)
            if sent is None:
                continue
            if puback.reason >= FAILURE:
                self._refused(connection, sent, puback.reason)
                continue
            self._memory.stats.round_trip(self._clock.mono_s() - sent.at_s)
            self._held.pop(sent.key, None)
            if sent.row is not None:
                rows.append(sent.row)
                if puback.reason == NOBODY_LISTENS:
                    self._memory.stats.unheard()
                continue
            self._states.sent(sent.message)
            if not sent.message.payload:
                cleared.append(sent.message.topic)
        if cleared:
            self._doors.cleared([topic for topic in cleared if topic not in self._states.topics()])
        if rows:
            self._doors.ack(rows)
            if self._complained and not self._held:
                self._complained = False
                self._doors.reporter.cleared(PUBLISH_SOURCE)
        if connection.refused_topics:
            connection.refused_topics = 0
            self._complain(message_refused(NOT_AUTHORISED, self._link.topics.command("+"), connection.peer))

    def _refused(self, connection: Connection, sent: Sent, reason: int) -> None:
        self._held[sent.key] = self._clock.mono_s() + REFUSED_REST_S
        self._complain(message_refused(reason, sent.message.topic, connection.peer))

    def _complain(self, error: LinkError) -> None:
        self._complained = True
        self._doors.reporter.raised(PUBLISH_SOURCE, error)

    def _farewell(self, connection: Connection) -> None:
        self._drain(connection, FAREWELL_S)
        self._flight.clear()
        self._publish(connection, self._availability("stopped"))
        self._drain(connection, 1.0 - FAREWELL_S)
        connection.leave()

    def _drain(self, connection: Connection, seconds: float) -> None:
        end_s = self._clock.mono_s() + seconds
        while self._clock.mono_s() < end_s:
            self._settle(connection, connection.take_pubacks())
            self._send(connection)
            if not self._flight:
                return
            connection.turn(0.05, self._memory.wake)
