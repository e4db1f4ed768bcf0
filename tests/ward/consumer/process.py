"""A consumer as a process of its own, and somebody who speaks to the broker as nodes do."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from deploy.ward import Certificates, Ward
from tests.ward.consumer.saying import Said

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0


class Running:
    """A consumer as a child; `module`: which `python -m` it is."""

    module = "deploy.ward.consumer"

    def __init__(self, ward: Ward, conninfo: str, id_: str, log: Path, *more: str) -> None:
        options = ("--mqtt", ward.mqtt_url, "--ward", "test", "--id", id_, "--db", conninfo)
        secure = () if ward.mqtt_url.startswith("mqtts") else ("--insecure",)
        self.command = (sys.executable, "-m", self.module, "run", *options, *secure, *more)
        self.log = log
        self.start()

    def start(self) -> None:
        """Again, after `kill`."""
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=errors, env={**os.environ, "LC_ALL": "C.UTF-8"}
            )

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As systemd does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def words(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8")


class Mouth:
    """Says everything at QoS 1 and knows when the broker has it."""

    def __init__(self, ward: Ward, certificates: Certificates | None = None) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.max_inflight_messages_set(200)
        self._heard: list[tuple[str, bytes]] = []
        self._changed = threading.Condition()
        self._client.on_message = self._on_message
        self._connected = threading.Event()
        self._client.on_connect = lambda *_: self._connected.set()
        self._client.on_disconnect = lambda *_: self._connected.clear()
        if certificates:
            self._client.tls_set(str(certificates.ca), str(certificates.cert), str(certificates.key))
        self._client.connect("127.0.0.1", ward.mqtt_port)
        self._client.loop_start()

    def say(self, said: Iterable[Said], retain: bool = False) -> None:
        """Returns when the broker has all of it."""
        assert self._connected.wait(PATIENCE_S)
        for sent in [self._client.publish(topic, payload, 1, retain) for topic, payload in said]:
            sent.wait_for_publish(PATIENCE_S)
            assert sent.is_published()

    def hear(self, topic: str) -> None:
        """From now on `wait` knows the messages of this topic."""
        self._client.subscribe(topic, 1)

    def wait(self, word: bytes, times: int = 1) -> bytes:
        """The newest message that was heard with this word in it, once there were so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._with(word)) >= times, PATIENCE_S), self._heard
            return self._with(word)[-1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _with(self, word: bytes) -> list[bytes]:
        return [payload for _, payload in self._heard if word in payload]

    def _on_message(self, client: paho.Client, data: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            self._heard.append((message.topic, bytes(message.payload)))
            self._changed.notify_all()
