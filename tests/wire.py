"""Listens beside every ward that tests start: what a real node says must fit the published schemas.

A node counts as real once it has said a birth message; tests of single rooms publish whatever they like. Runs with TLS
are not heard: they say the same.
"""

import json
import threading
from pathlib import Path

import paho.mqtt.client as paho
from jsonschema import Draft202012Validator
from paho.mqtt.enums import CallbackAPIVersion

from agent.contract.channels import CHANNELS, channel_of
from agent.contract.topics import node_of
from deploy.ward import Ward, WardOptions

REFERENCE = Path(__file__).parents[1] / "docs/reference/mqtt"


class Wire:
    """All wards of one test session."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.judged = 0
        self._lock = threading.Lock()
        self._real: set[str] = set()
        self._validators = {
            channel.name: Draft202012Validator(json.loads((REFERENCE / f"{channel.name}.schema.json").read_bytes()))
            for channel in CHANNELS
            if channel.model is not None
        }

    def listen(self, ward: Ward, options: WardOptions) -> paho.Client | None:
        """An ear at this ward; the caller stops it."""
        if options.tls is not None:
            return None
        client = paho.Client(CallbackAPIVersion.VERSION2, "wire", protocol=paho.MQTTv5)
        if options.logins:
            client.username_pw_set(*options.logins[0])
        client.on_connect = lambda one, *_: one.subscribe("+/v1/#", qos=1)
        client.on_message = lambda _client, _data, message: self.judge(message.topic, bytes(message.payload))
        client.reconnect_delay_set(1, 2)
        client.connect_async("127.0.0.1", ward.mqtt_port)
        client.loop_start()
        return client

    def judge(self, topic: str, payload: bytes) -> None:
        """One message, if a real node said it."""
        channel = channel_of(topic)
        if channel is None or channel.by != "node" or channel.model is None or not payload:
            return
        node = "/".join(topic.split("/")[:4])
        with self._lock:
            if channel.name == "birth" and b'"birth/1"' in payload:
                self._real.add(node)
            if node not in self._real:
                return
            self.judged += 1
            try:
                fields = json.loads(payload)
            except ValueError:
                self.violations.append(f"{topic}: not JSON")
                return
            if fields.get("node") != node_of(topic):
                self.violations.append(f"{topic}: said by {fields.get('node')}")
            self.violations += [
                f"{topic}: {error.json_path}: {error.message[:200]}"
                for error in self._validators[channel.name].iter_errors(fields)
            ]
