"""A real node with a real ward around it, for the figures that only a running process can give."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from deploy.assets import ssd_model, street_video
from deploy.ward import Ward

FIRST_FRAME = re.compile(r"first frame analysed (\d+\.\d+) s after the start.*mono_ms=(\d+)")
RULES = [
    {"rule": "intrusion", "zone": "road", "cooldown": "1s"},
    {"rule": "line_crossing", "line": "gate"},
    {"rule": "loitering", "zone": "road", "after": "3s", "cooldown": "1s"},
    {"rule": "crowd", "zone": "road", "count": 3, "after": "1s", "cooldown": "1s"},
]
ROAD = [[0.0, 0.26], [0.45, 0.36], [0.72, 0.24], [0.95, 0.22], [1.0, 0.85], [0.55, 0.68], [0.3, 0.45], [0.0, 0.42]]


def write_config(directory: Path, mqtt_url: str, upload_url: str | None) -> Path:
    """A node on the street video; returns the path of its YAML."""
    tree: dict[str, Any] = {
        "node": {"ward": "bench", "id": "node-1", "data_dir": str(directory / "data")},
        "mqtt": {"url": mqtt_url},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [
            {
                "id": "gate",
                "source": str(street_video().path),
                "zones": {"road": ROAD},
                "lines": {"gate": [[0.52, 0.3], [0.52, 0.7]]},
                "rules": RULES,
            }
        ],
        "detection": {"model": str(ssd_model())},
        "footage": {"segment": "2s", "pre_roll": "1s", "post_roll": "1s", "max_clip": "10s"},
        "health": {"interval": "5s"},
    }
    if upload_url:
        tree["upload"] = {"url": upload_url}
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path


@dataclass
class Heard:
    """One message at the ward; `mono_s` is this machine's monotonic clock at its arrival."""

    mono_s: float
    topic: str
    body: dict[str, Any]


@dataclass
class Ear:
    """A ward's consumer with a persistent session: what the broker acknowledged reaches it, also after it was away."""

    mqtt_url: str
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = urlsplit(self.mqtt_url)
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "ear", clean_session=False, protocol=paho.MQTTv311)
        self._listening = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe("camera/#", qos=1)
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.on_disconnect = lambda *_: self._listening.clear()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async(str(parts.hostname), parts.port or 1883)
        self._client.loop_start()

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        if message.payload and "/thumb/" not in message.topic:
            with self._lock:
                self.heard.append(Heard(time.monotonic(), message.topic, json.loads(message.payload)))

    def listen(self) -> None:
        """Wait until it hears: a broker that was killed has forgotten it, and takes what nobody hears."""
        if not self._listening.wait(30):
            raise TimeoutError("the broker does not let the ward in")

    def events(self) -> list[Heard]:
        """Event messages so far."""
        with self._lock:
            return [item for item in self.heard if "/event/" in item.topic]

    def births(self) -> int:
        """How often a node has said that it is there."""
        with self._lock:
            return sum(item.topic.endswith("/birth") for item in self.heard)

    def close(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()


class Node:
    """One life of `camera-agent run`, with what it remembers of this boot beside its configuration.

    In /run it would be shared with the node of the same name of another benchmark, whose broker was perhaps away.
    `environ` is added to its environment.
    """

    def __init__(self, config: Path, log: Path, **environ: str) -> None:
        self.log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "agent", "run", "--config", str(config)),
                stderr=errors,
                stdout=errors,
                env={**os.environ, "RUNTIME_DIRECTORY": str(config.parent), **environ},
            )

    def first_frame(self) -> tuple[float, int] | None:
        """(seconds from the start of the process, its monotonic ms) of the first analysed frame, once there is one."""
        found = FIRST_FRAME.search(self.log.read_text(encoding="utf-8", errors="replace"))
        return (float(found.group(1)), int(found.group(2))) if found else None

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As systemd would; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    """Poll until it is so; False when the time is over."""
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        if what():
            return True
        time.sleep(0.05)
    return False


__all__ = ["Ear", "Heard", "Node", "Ward", "wait_for", "write_config"]
