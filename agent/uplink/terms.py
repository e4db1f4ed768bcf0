"""Between a connection and who turns it: who we are, what was agreed, what is under way, and how it ends."""

from dataclasses import dataclass

from agent.config.model import MqttSection, TlsSection
from agent.contract.topics import Topics
from agent.uplink.latest import RetainedMessage
from agent.uplink.login import Login
from agent.uplink.memory import Version

PACKET_BYTES = 16  # of a PUBLISH besides topic and payload, about


class NoMqtt5(Exception):
    """The broker does not speak MQTT 5; `said_so` is False when it only hung up."""

    def __init__(self, said_so: bool) -> None:
        super().__init__(said_so)
        self.said_so = said_so


class Kicked(Exception):
    """The broker ended a working connection after `after_s` seconds, maybe for another client with our id."""

    def __init__(self, after_s: float) -> None:
        super().__init__(after_s)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class MqttLink:
    """Which broker, and as whom. The client id is the node's id."""

    topics: Topics
    section: MqttSection
    tls: TlsSection
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Hello:
    """Which MQTT is spoken, and what the broker says for us when we are gone."""

    version: Version
    will: bytes | None  # None: it says nothing


@dataclass(frozen=True, slots=True)
class Puback:
    """The broker's word on one of our messages."""

    mid: int
    reason: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What the broker told in its CONNACK."""

    at_s: float
    window: int
    largest_out: int


@dataclass(frozen=True, slots=True)
class Interest:
    """What a connection waits for, so that one thread can wait for many."""

    fd: int
    write: bool  # for room to write, too
    at_once: bool  # there is something in a buffer, which no select() sees


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the broker has not acknowledged yet; `row` is None for a state."""

    message: RetainedMessage
    at_s: float
    row: int | None = None

    @property
    def bytes(self) -> int:
        """What it takes of the line."""
        return len(self.message.payload) + len(self.message.topic) + PACKET_BYTES

    @property
    def key(self) -> int | str:
        """What it is held under when the broker refuses it."""
        return self.message.topic if self.row is None else self.row
