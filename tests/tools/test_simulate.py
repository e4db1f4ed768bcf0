"""A city of nodes in one process, on a real mosquitto: nothing is lost, repetitions are told apart, all is valid."""

import asyncio
import json
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from agent.config.model import MqttSection
from agent.errors import ConfigError
from agent.tools.fleet import Plan, simulate
from agent.tools.fleet.plan import Keys
from agent.tools.fleet.simulate import Glance
from deploy.ward import Certificates, Ward, WardError, WardOptions
from tests.proxy import Proxy

REFERENCE = Path(__file__).parents[2] / "docs/reference/mqtt"


def plan(url: str | list[str], nodes: int, seconds: float, **more: Any) -> Plan:
    mqtt_section = {"url": url, "prefix": "city", "spread": "2s"} | more.pop("section", {})
    given = {"power_cut": True, "events_per_hour": 3600.0, "event_s": 1.0, "health_s": 2.0, "wards": 3, "seed": 7}
    given["drain_s"] = 125.0  # a node that was refused some times may rest for as long as two minutes
    return Plan(nodes, MqttSection.model_validate(mqtt_section), seconds, **{**given, **more})


@pytest.fixture
def own_ward(tmp_path: Path) -> Any:
    """One that may be killed."""
    lines = ("max_queued_messages 100000", "max_inflight_messages 1000")
    try:
        with Ward.start(tmp_path / "ward", WardOptions(upload=False, broker_lines=lines)) as running:
            yield running
    except WardError as error:
        pytest.skip(str(error))


@pytest.mark.long("a fleet that comes back after its broker was killed")
@pytest.mark.timeout(180)
@pytest.mark.fault("B27", "a fleet loses nothing when its broker is killed under it")
def test_a_fleet_loses_nothing_when_its_broker_is_killed(own_ward: Ward) -> None:
    def chaos(glance: Glance) -> bool:
        if 4 <= glance.second < 5:
            own_ward.kill_broker()
        elif 5 <= glance.second < 6:
            own_ward.start_broker()
        return True

    report = simulate(plan(own_ward.mqtt_url, 60, 8.0), chaos)
    told = report.messages
    assert report.greeted == 60
    assert report.away_ms.count >= 55  # all that were there lost it, and found it again
    assert told.made > 60 and told.dropped == 0
    assert (told.held, told.lost, told.accepted_twice) == (0, 0, 0)
    assert report.heard is not None and report.heard.events == told.made
    assert report.broker is not None


class Swallowing(Proxy):
    """`swallow`: what the broker says does not arrive."""

    swallow = False

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool, data: bytes) -> None:
        if up:
            await super()._pump(reader, writer, up, data)
            return
        try:
            while data := await reader.read(8192):
                if not self.swallow:
                    writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


@pytest.mark.long("a line that is silent for seconds")
@pytest.mark.timeout(180)
def test_what_was_sent_but_not_acknowledged_comes_again_and_is_told_apart(own_ward: Ward) -> None:
    proxy = Swallowing(own_ward.mqtt_port)
    with proxy:

        def chaos(glance: Glance) -> bool:
            if 3 <= glance.second < 6:
                proxy.swallow = True
            elif proxy.swallow:
                proxy.swallow = False
                proxy.reset()
            return True

        urls = [own_ward.mqtt_url, f"mqtt://127.0.0.1:{proxy.port}"]
        report = simulate(plan(urls, 40, 8.0), chaos)
    told = report.messages
    assert told.sent_again is not None and told.sent_again > 0
    assert (told.held, told.lost, told.accepted_twice) == (0, 0, 0)
    assert report.heard is not None and report.heard.events == told.made


@pytest.mark.timeout(120)
@pytest.mark.parametrize("protocol", ["5", pytest.param("3.1.1", marks=pytest.mark.long("as with MQTT 5"))])
def test_what_simulated_nodes_say_is_the_contract(ward: Ward, protocol: str) -> None:
    section = {"prefix": f"says-{protocol[0]}", "protocol": protocol, "spread": "1s"}
    heard = Everything(ward.mqtt_port, section["prefix"])
    report = simulate(plan(ward.mqtt_url, 6, 5.0, section=section, consumer=False, thumb_bytes=2000))
    told = heard.until(lambda: len(heard.bodies("event")) >= report.messages.acked)
    assert {topic.split("/")[4] for topic in told} == {"availability", "birth", "health", "cam"}
    assert heard.bodies("event") and heard.bodies("birth") and heard.bodies("health")
    for name in ("event", "birth", "health", "availability"):
        schema = json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8"))
        for body in heard.bodies(name):
            jsonschema.validate(body, schema)
    seqs: dict[str, list[int]] = {}
    for body in heard.bodies("event"):
        seqs.setdefault(body["node"], []).append(body["seq"])
    assert all(numbers == sorted(set(numbers)) for numbers in seqs.values())
    assert all(len(payload) == 2000 for topic, payload in told.items() if "/thumb/" in topic)
    assert report.messages.lost is None and report.heard is None


@pytest.mark.timeout(120)
def test_nodes_come_with_client_certificates(tls_ward: Ward, client_certificates: Certificates) -> None:
    given = client_certificates
    keys = Keys(str(given.ca), str(given.cert), str(given.key))
    report = simulate(plan(tls_ward.mqtt_url, 5, 3.0, keys=keys))
    assert report.greeted == 5 and report.messages.lost == 0 and report.failures == {}


@pytest.mark.timeout(120)
def test_a_run_can_be_ended_early_and_is_reported(ward: Ward) -> None:
    report = simulate(plan(ward.mqtt_url, 5, 3600.0, section={"prefix": "early"}), lambda glance: glance.second < 3)
    assert report.greeted == 5 and report.seconds < 60 and report.messages.lost == 0


def test_more_nodes_than_this_machine_has_files_for_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _which: (100, 1000))
    with pytest.raises(ConfigError, match="open files"):
        simulate(plan("mqtt://127.0.0.1:1", 5000, 1.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"nodes": 0},
        {"nodes": 5, "wards": 6},
        {"nodes": 5, "seconds": 0},
        {"health_s": math.nan},
        {"ramp_s": -1.0},
        {"thumb_bytes": -1},
    ],
)
def test_plans_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="not possible"):
        given: dict[str, Any] = {"url": "mqtt://127.0.0.1:1", "nodes": 5, "seconds": 1.0}
        plan(**given | wrong)


def test_of_several_brokers_each_is_the_first_of_as_many_nodes() -> None:
    urls = ["mqtt://a:1", "mqtt://b:1", "mqtt://c:1"]
    given = plan(urls, 9, 1.0)
    lists = [given.section_of(number).url for number in range(9)]
    assert [sum(one[0] == url for one in lists) for url in given.section.url] == [3, 3, 3]
    assert all(sorted(one) == sorted(given.section.url) for one in lists)


class Everything:
    """Hears all of one prefix."""

    def __init__(self, port: int, prefix: str) -> None:
        self._news = threading.Condition(threading.RLock())
        self._told: dict[str, bytes] = {}
        self._bodies: list[dict[str, Any]] = []
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe(f"{prefix}/#", 1)
        assert ready.wait(60)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            self._told[message.topic] = bytes(message.payload)
            if "/thumb/" not in message.topic:
                self._bodies.append(json.loads(message.payload))
            self._news.notify_all()

    def bodies(self, name: str) -> list[dict[str, Any]]:
        with self._news:
            return [body for body in self._bodies if body["schema"] == f"{name}/1"]

    def until(self, done: Callable[[], bool]) -> dict[str, bytes]:
        with self._news:
            assert self._news.wait_for(done, 60)
        self.client.disconnect()
        self.client.loop_stop()
        return self._told
