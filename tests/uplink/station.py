"""Both ends of a broker for tests: `Station` is a node's side with a spool in memory, `Ear` hears as the ward does."""

import json
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from agent.clock import Clock
from agent.config.model import MqttSection, TlsSection
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.uplink import LatestStates, LinkMemory, LinkStats, Login, MqttDoors, MqttJob, MqttLink, RetainedMessage
from agent.values import OutgoingMessage


class SkippingClock(Clock):
    """Real time, and as much more as a test likes."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped_s = 0.0

    def mono_s(self) -> float:
        return super().mono_s() + self.skipped_s


class Station:
    """Remakes its job as a worker does; the spool is `rows`."""

    def __init__(
        self,
        url: str | list[str],
        node: str,
        login: Login | None = None,
        tls: TlsSection | None = None,
        **mqtt_section: Any,
    ) -> None:
        self.topics = Topics("camera", "ward-1", node)
        self.clock = SkippingClock()
        self.memory = LinkMemory(self.clock, LinkStats())
        self.states = LatestStates(self.memory.wake.set)
        self.rows: dict[int, OutgoingMessage] = {}
        self.handed: list[int] = []
        self.acked: list[int] = []
        self.commands: list[tuple[str, bytes, bool]] = []
        self.on_command: Callable[[str, bytes, bool], RetainedMessage | None] = lambda topic, payload, retained: None
        self.reports: list[tuple[str, str]] = []
        self.stale: list[str] = []
        self.forgotten: list[str] = []
        self.stop = threading.Event()
        section = MqttSection.model_validate({"url": url} | mqtt_section)
        self.link = MqttLink(self.topics, section, tls or TlsSection(), login)
        self.doors = MqttDoors(
            pending=self.pending,
            ack=self.ack,
            availability=self.availability,
            birth=self.birth,
            retained_topics=lambda: self.stale,
            cleared=self.forgotten.extend,
            command=self.command,
            reporter=self,
        )
        self.job = self.fresh()

    def fresh(self) -> MqttJob:
        self.job = MqttJob(self.link, self.doors, self.states, self.memory, self.stop)
        return self.job

    def until(self, done: Callable[[], bool], turns: int = 600) -> None:
        for _ in range(turns):
            if done():
                return
            self.job.run_once()
        raise AssertionError(f"not after {turns} turns: {self.reports} {self.acked}")

    def empty(self) -> bool:
        return not self.rows

    def close(self) -> None:
        self.stop.set()
        self.job.close()

    def put(self, row: int, topic: str, body: dict[str, Any] | bytes, retain: bool = False) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.rows[row] = OutgoingMessage(row, topic, payload, retain)
        self.memory.wake.set()

    def pending(self, limit: int, skip: Collection[int]) -> Sequence[OutgoingMessage]:
        given = [message for row, message in sorted(self.rows.items()) if row not in skip][:limit]
        self.handed += [message.row for message in given]
        return given

    def ack(self, rows: Sequence[int]) -> None:
        self.acked += rows
        for row in rows:
            del self.rows[row]

    def availability(self, state: str, session: str) -> bytes:
        return json.dumps({"state": state, "session": session}).encode()

    def birth(self, session: str) -> RetainedMessage:
        return RetainedMessage(self.topics.birth(), json.dumps({"session": session}).encode())

    def command(self, topic: str, payload: bytes, retained: bool) -> RetainedMessage | None:
        self.commands.append((topic, payload, retained))
        return self.on_command(topic, payload, retained)

    def raised(self, source: str, error: AgentError) -> None:
        self.reports.append((source, error.code))

    def cleared(self, source: str) -> None:
        self.reports.append((source, "cleared"))


class Ear:
    """Hears everything of one station, and can speak to it."""

    def __init__(self, port: int, station: Station, login: Login | None = None) -> None:
        self._wake = station.memory.wake.set
        self._news = threading.Condition(threading.RLock())
        self.heard: list[mqtt.MQTTMessage] = []
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if login:
            self.client.username_pw_set(login.username, login.password)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe(f"camera/v1/ward-1/{station.topics.node}/#", 1)
        assert ready.wait(60)

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            self.heard.append(message)
            self._news.notify_all()
        self._wake()  # the station may be waiting for this

    def on(self, topic: str) -> list[bytes]:
        with self._news:
            return [bytes(message.payload) for message in self.heard if message.topic == topic]

    def states(self, topic: str) -> list[str]:
        return [json.loads(payload)["state"] for payload in self.on(topic)]

    def wait(self, topic: str, count: int = 1) -> list[bytes]:
        """Raises AssertionError when fewer than `count` came within 5 s."""
        with self._news:
            assert self._news.wait_for(lambda: sum(m.topic == topic for m in self.heard) >= count, 60), topic
        return self.on(topic)

    def rows(self, topic: str) -> list[int]:
        return [json.loads(payload)["row"] for payload in self.on(topic)]

    def wait_rows(self, topic: str, rows: set[int]) -> None:
        """Some may come twice. Raises AssertionError when one has not come within 5 s."""
        with self._news:
            assert self._news.wait_for(lambda: set(self.rows(topic)) >= rows, 60), rows - set(self.rows(topic))

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.client.publish(topic, payload, 1, retain).wait_for_publish(60)
