"""Another certificate while messages and clips flow: the next connection shows it, and nothing is lost."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.identity.store import CA, CERT, KEY, IdentityStore, Papers
from agent.uplink.upload import UploadJob
from deploy.ward import Certificates, Ward, WardError, WardOptions, issue
from tests.uplink.shelf import Shelf, make_clip, make_job
from tests.uplink.station import Station

ROWS = 300


class Place:
    """A node's certificate in files that can be exchanged."""

    def __init__(self, folder: Path) -> None:
        self.store = IdentityStore(folder / CA, folder / CERT, folder / KEY)
        self.section = TlsSection(ca=folder / CA, cert=folder / CERT, key=folder / KEY)

    def put(self, pair: Certificates, ca: Path) -> None:
        self.store.put(Papers(ca.read_bytes(), pair.cert.read_bytes(), pair.key.read_bytes()))


class Listener:
    """Hears all rows of one topic, over TLS."""

    def __init__(self, ward: Ward, pair: Certificates, topic: str) -> None:
        self.rows: list[int] = []
        self._topic = topic
        self._news = threading.Condition()
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self.client.tls_set(str(pair.ca), str(pair.cert), str(pair.key))
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", ward.mqtt_port)
        self.client.loop_start()
        assert ready.wait(60)

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe(self._topic, 1)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            self.rows.append(json.loads(message.payload)["row"])
            self._news.notify_all()

    def wait(self, rows: set[int]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: set(self.rows) >= rows, 60), rows - set(self.rows)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def test_messages_flow_on_with_the_new_certificate(tmp_path: Path) -> None:
    """mosquitto takes the user's name from the certificate, and tells it in its log."""
    try:
        server, first = issue(tmp_path / "ca", "server"), issue(tmp_path / "ca", "first-cert")
        second, ear = issue(tmp_path / "ca", "second-cert"), issue(tmp_path / "ca", "ear-cert")
        lines = ("use_identity_as_username true",)
        options = WardOptions(tls=server, require_client_cert=True, broker_lines=lines, upload=False)
        ward = Ward.start(tmp_path / "ward", options)
    except WardError as error:
        pytest.skip(str(error))
    place = Place(tmp_path / "tls")
    place.put(first, server.ca)
    with ward:
        station = Station(ward.mqtt_url, "renewed-1", tls=place.section)
        topic = station.topics.event("gate", "crowd")
        listener = Listener(ward, ear, topic)
        for row in range(ROWS):
            station.put(row, topic, {"row": row})
        station.until(lambda: len(station.acked) > ROWS // 3)
        session = station.job._session
        place.put(second, server.ca)
        station.memory.renewed()
        station.until(station.empty)
        assert station.job._session != session
        station.put(ROWS, topic, {"row": ROWS})
        station.until(station.empty)
        station.close()
        listener.wait(set(range(ROWS + 1)))
        said = (ward.directory / "broker/mosquitto.log").read_text(encoding="utf-8")
        listener.close()
    assert sorted(set(station.acked)) == list(range(ROWS + 1))
    assert "u'first-cert'" in said and "u'second-cert'" in said
    assert said.rindex("u'second-cert'") > said.rindex("as renewed-1 (p5") - 200
    assert [what for _, what in station.reports if what != "cleared"] == []


def test_a_clip_goes_on_where_it_was_with_the_new_certificate(tmp_path: Path) -> None:
    place = Place(tmp_path / "tls")
    try:
        server = issue(tmp_path / "ca", "server")
        place.put(issue(tmp_path / "ca", "node-1"), server.ca)
        second, foreign = issue(tmp_path / "ca", "node-1"), issue(tmp_path / "other", "node-1")
        ward = Ward.start(tmp_path / "ward", WardOptions(tls=server, require_client_cert=True))
    except WardError as error:
        pytest.skip(str(error))
    shelf = Shelf(make_clip(tmp_path, 1_500_000))
    seen = [0]
    with ward:
        job = make_job(ward.upload_url, shelf, tls=place.section)
        job._link = replace(job._link, identity=lambda: seen[0])
        while "progress" not in " ".join(shelf.log):
            job.run_once()
        place.put(foreign, server.ca)
        job.run_once()  # nothing has been told yet: the old connection goes on
        seen[0] += 1
        with pytest.raises(LinkError) as caught:
            job.run_once()
        assert caught.value.code == "upload_tls", "the certificate of now was shown"
        place.put(second, server.ca)
        seen[0] += 1
        finish(job, shelf)
        job.close()
        assert ward.uploaded()[-1].intact()
    assert shelf.log.count("created") == 1
    assert shelf.log[-1] == "acked"


def finish(job: UploadJob, shelf: Shelf) -> None:
    for _ in range(200):
        if not shelf.clips:
            return
        job.run_once()
    raise AssertionError(shelf.log)
