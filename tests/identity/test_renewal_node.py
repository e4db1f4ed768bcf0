"""A whole node renews its certificate from the real authority while events and clips flow to real servers."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion

from deploy import assets
from deploy.ward import Ward, WardError, WardOptions
from deploy.ward.ca import AuthorityOptions, RunningAuthority, start_authority
from tests.app.living import Living, write_config
from tests.identity.conftest import Device

pytestmark = pytest.mark.real
PATIENCE_S = 120.0
LIFE_DAYS = 70 / 86_400  # less than a third of what it says, as it begins ten minutes ago: due at once


@dataclass
class Site:
    """Authority, broker and upload server that only know each other."""

    authority: RunningAuthority
    ward: Ward


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")
    try:
        authority = start_authority(tmp_path / "authority", AuthorityOptions(life_days=LIFE_DAYS))
        server = authority.server(tmp_path / "server", "server", "localhost", "127.0.0.1")
        ward = Ward.start(tmp_path / "ward", WardOptions(tls=server, require_client_cert=True))
    except WardError as error:
        pytest.skip(str(error))
    with ward:
        yield Site(authority, ward)
    authority.child.stop()


class Ear:
    """As a node of its own, which may hear everything here."""

    def __init__(self, ward: Ward, device: Device) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.thumbs: set[str] = set()
        self._news = threading.Condition()
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, "ear")
        tls = device.tls
        self.client.tls_set(str(tls / "ca.pem"), str(tls / "node.crt"), str(tls / "node.key"))
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", ward.mqtt_port)
        self.client.loop_start()
        assert ready.wait(PATIENCE_S)

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe("camera/#", 1)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            if "/thumb/" in message.topic:
                self.thumbs.add(message.topic)
            elif message.payload:
                self.heard.append((message.topic, json.loads(message.payload)))
            self._news.notify_all()

    def bodies(self, part: str) -> list[dict[str, Any]]:
        return [body for topic, body in list(self.heard) if part in topic]

    def wait(self, what: Callable[[], object]) -> None:
        with self._news:
            assert self._news.wait_for(what, PATIENCE_S), [topic for topic, _ in self.heard[-20:]]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def serial(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


@pytest.mark.long("a certificate has to run out")
@pytest.mark.fault("B25", "the certificate is renewed while events flow")
def test_nothing_is_lost_over_a_renewal(site: Site, tmp_path: Path) -> None:
    home = tmp_path / "node"
    listener = Device(tmp_path / "ear", "ear-1")
    listener.data.mkdir(parents=True)
    listener.configure()
    assert listener.enrol(site.authority.url, site.authority.token("ear-1")) == 0
    node = Device(home, "renews-1")
    node.data.mkdir(parents=True)
    names = {name: str(node.tls / file) for name, file in (("ca", "ca.pem"), ("cert", "node.crt"), ("key", "node.key"))}
    path = write_config(home, site.ward, "renews-1", tls={**names, "renew": site.authority.renew_url}, insecure=False)
    assert path == node.config
    assert node.enrol(site.authority.url, site.authority.token("renews-1")) == 0
    first = serial(node.tls / "node.crt")
    ear = Ear(site.ward, listener)
    living = Living(path, tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/event/"))
        ear.wait(lambda: len({body["session"] for body in ear.bodies("/birth")}) > 1)  # connected anew
        before = len(ear.bodies("/event/"))
        ear.wait(lambda: len(ear.bodies("/event/")) >= before + 5)
        ear.wait(lambda: any(body["media"]["clip"]["state"] == "uploaded" for body in ear.bodies("/event/")))
        ear.wait(lambda: ear.bodies("/health")[-1].get("certificate", {}).get("renewal") == "ok")
    finally:
        code = living.stop()
    ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
    ear.close()
    assert code == 0, living.words()
    assert "Traceback" not in living.words()
    assert serial(node.tls / "node.crt") != first
    done = [json.loads(line) for line in (site.authority.directory / "audit.jsonl").read_text().splitlines()]
    assert [line["what"] for line in done if line["node"] == "renews-1"][:3] == ["token", "enrolled", "renewed"]
    # Each event came, from its first to its last word, and nothing waits or was dropped.
    revisions: dict[str, set[int]] = {}
    for body in ear.bodies("/event/"):
        revisions.setdefault(body["id"], set()).add(body["rev"])
    assert revisions and all(seen == set(range(1, max(seen) + 1)) for seen in revisions.values())
    last = ear.bodies("/health")[-1]
    assert last["spool"]["dropped_total"] == 0
    assert "certificate_renewal" not in last["faults"]
    sequence = {body["seq"] for _, body in ear.heard if body.get("seq") is not None}
    spool = next((node.data / "spool").glob("*.db"))
    with sqlite3.connect(spool) as database:
        (left,) = database.execute("SELECT COUNT(*) FROM messages").fetchone()
    assert left == 0
    # Pictures have their places among the numbers, and do not tell them.
    assert len(sequence) + len(ear.thumbs) == max(sequence)
