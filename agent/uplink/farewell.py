"""The last words of a node that is erased: a connection without a Will, on which its retained topics are cleared."""

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from agent.clock import Clock
from agent.errors import LinkError
from agent.stop import Stop
from agent.uplink.connection import Connection
from agent.uplink.latest import RetainedMessage
from agent.uplink.memory import Version
from agent.uplink.peer import silent
from agent.uplink.terms import Hello, Kicked, MqttLink, NoMqtt5
from agent.uplink.wake import Wake

log = logging.getLogger(__name__)
REST_S = 5.0  # between two tries
ANSWER_S = 20.0  # for the broker's word on all of it
TURN_S = 0.2


@dataclass(frozen=True, slots=True)
class LastWords:
    """Topics to clear, and one message that is not kept."""

    cleared: tuple[str, ...]
    message: RetainedMessage


def say_farewell(link: MqttLink, words: LastWords, patience_s: float, stop: Stop, clock: Clock) -> bool:
    """True once a broker has confirmed all of it; False when none did within `patience_s`, or at a stop."""
    end_s = clock.mono_s() + patience_s
    versions: tuple[Version, ...] = ("5", "3.1.1") if link.section.protocol == "auto" else (link.section.protocol,)
    while not stop.is_set() and clock.mono_s() < end_s:
        for url in link.section.url:
            for version in versions:
                try:
                    _say(Connection(link, url, Hello(version, None), clock), words, stop, clock)
                except (LinkError, NoMqtt5, Kicked) as error:
                    log.info("the ward is not told yet: %s", error)
                else:
                    return True
        stop.wait(REST_S)
    return False


def _say(connection: Connection, words: LastWords, stop: Stop, clock: Clock) -> None:
    wake = Wake()
    end_s = clock.mono_s() + ANSWER_S
    waiting: Sequence[tuple[RetainedMessage, bool]] = [
        *((RetainedMessage(topic, b""), True) for topic in words.cleared),
        (words.message, False),
    ]
    flight: set[int] = set()
    try:
        while waiting or flight:
            if stop.is_set() or clock.mono_s() > end_s:
                raise silent(connection.peer)
            connection.turn(TURN_S, wake)
            connection.take_messages()
            if connection.terms is None:
                continue
            flight -= {puback.mid for puback in connection.take_pubacks()}
            room = max(0, connection.terms.window - len(flight))
            now, waiting = waiting[:room], waiting[room:]
            flight |= {connection.publish(message, retain) for message, retain in now}
        connection.leave()
        with contextlib.suppress(LinkError, Kicked, NoMqtt5):  # all is said: now the broker may hang up
            connection.turn(TURN_S, wake)
    finally:
        connection.drop()
        wake.close()
