"""A real node on a RabbitMQ cluster that loses the broker it talks to: it goes over to the next and loses nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from deploy import assets
from deploy.city import Cluster, find_rabbitmq
from deploy.ward import WardError
from deploy.ward.ward import default_cache
from tests.app.living import Living, write_config

PATIENCE_S = 120.0
NODE = "cluster-node"
BASE = f"camera/v1/test/{NODE}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        with Cluster(tmp_path_factory.mktemp("cluster"), find_rabbitmq(default_cache())) as running:
            yield running
    except WardError as error:
        pytest.skip(str(error))


class Ward:
    """Hears one node over a session that outlives connections, on a broker that stays, and speaks to it."""

    def __init__(self, url: str) -> None:
        self._news = threading.Condition()
        self._heard: list[tuple[str, dict[str, Any]]] = []
        ready = threading.Event()
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, "city-ear", clean_session=False, protocol=MQTTProtocolVersion.MQTTv311
        )
        self.client.on_connect = lambda client, *_: client.subscribe(f"{BASE}/#", 1)
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", urlsplit(url).port or 0)
        self.client.loop_start()
        assert ready.wait(PATIENCE_S)

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if message.payload.startswith(b"{"):
            with self._news:
                self._heard.append((message.topic.removeprefix(BASE + "/"), json.loads(message.payload)))
                self._news.notify_all()

    def on(self, part: str) -> list[dict[str, Any]]:
        with self._news:
            return [body for topic, body in self._heard if part in topic]

    def wait(self, what: Callable[[], object]) -> None:
        with self._news:
            assert self._news.wait_for(what, PATIENCE_S), [topic for topic, _ in self._heard]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.long("three brokers take long to find each other")
@pytest.mark.timeout(420)
@pytest.mark.fault("B18", "a broker of a cluster dies under a real node")
def test_a_real_node_goes_over_when_its_broker_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video or the model is not here")
    ward = Ward(cluster.urls[2])
    config = write_config(tmp_path, Place(cluster.urls), NODE, upload=None)  # type: ignore[arg-type]  # of a ward its URLs
    node = Living(config, tmp_path / "node.log")
    try:
        ward.wait(lambda: ward.on("event/"))
        ward.client.publish(f"{BASE}/cmd/clip.request", json.dumps({"request_id": "01JZ0000000000000000000001"}), 1)
        ward.wait(lambda: ward.on("rsp/"))
        assert ward.on("rsp/")[0]["command"] == "clip.request"  # which this broker tells as cmd/clip/request
        cluster.kill(0)
        killed_at = len(ward.on("event/"))
        ward.wait(lambda: len([one for one in ward.on("availability") if one["state"] == "online"]) >= 2)
        ward.wait(lambda: len(ward.on("event/")) > killed_at)
        assert node.stop() == 0
        ward.wait(lambda: any(one["state"] == "stopped" for one in ward.on("availability")))
    finally:
        node.kill()
        ward.close()
    revisions = {(one["id"], one["rev"]): one for one in ward.on("event/")}
    for event_id in {event_id for event_id, _ in revisions}:
        of_event = sorted(rev for each, rev in revisions if each == event_id)
        assert of_event == list(range(1, len(of_event) + 1)), (event_id, sorted(revisions))
        assert "end" in {revisions[event_id, rev]["phase"] for rev in of_event}  # a crossing is only that


class Place:
    """Where a node finds its ward, as `write_config` asks it."""

    upload_url = ""

    def __init__(self, urls: list[str]) -> None:
        self.mqtt_url = urls
