"""A whole node as a process of its own, and the ward's ear beside it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from deploy import assets
from deploy.ward import Ward

ROOT = Path(__file__).parent.parent.parent
ROAD = [[0.0, 0.26], [0.45, 0.36], [0.72, 0.24], [0.95, 0.22], [1.0, 0.85], [0.55, 0.68], [0.3, 0.45], [0.0, 0.42]]
PATIENCE_S = 120.0


def write_config(directory: Path, ward: Ward, node: str, **changes: Any) -> Path:
    """A node on the street video with one zone and one line; `changes` replace whole sections."""
    video = assets.find_street_video()
    model = assets.find_ssd_model()
    tree: dict[str, Any] = {
        "node": {"ward": "test", "id": node, "data_dir": str(directory / "data")},
        "mqtt": {"url": ward.mqtt_url},
        "retention": {"max_days": 30},
        "upload": {"url": ward.upload_url},
        "insecure": True,
        "cameras": [
            {
                "id": "gate",
                "source": str(video.path) if video else "/nowhere.mp4",
                "zones": {"road": ROAD},
                "lines": {"gate": [[0.52, 0.3], [0.52, 0.7]]},
                "rules": [
                    {"rule": "intrusion", "zone": "road"},
                    {"rule": "line_crossing", "line": "gate", "clip": True},
                ],
            }
        ],
        "detection": {"model": str(model)} if model else {},
        "footage": {"segment": "1s", "pre_roll": "1s", "post_roll": "1s", "max_clip": "5s"},
        "health": {"interval": "2s"},
    }
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree | changes, sort_keys=False), encoding="utf-8")
    return path


class Ear:
    """Hears everything of one node; `wait` for what should come."""

    def __init__(self, ward: Ward, node: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._changed = threading.Condition()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"ear-{node}")
        subscribed = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe(f"camera/v1/test/{node}/#", qos=1)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", ward.mqtt_port)
        self._client.loop_start()
        assert subscribed.wait(PATIENCE_S)

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            self.heard.append((message.topic, bytes(message.payload)))
            self._changed.notify_all()

    def bodies(self, part: str) -> list[dict[str, Any]]:
        """JSON messages whose topic contains `part`, in the order of arrival."""
        return [json.loads(payload) for topic, payload in list(self.heard) if part in topic and payload]

    def wait(self, what: Callable[[], object]) -> None:
        """Until `what()` is true; fails after a minute."""
        with self._changed:
            assert self._changed.wait_for(what, PATIENCE_S), [topic for topic, _ in self.heard]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Living:
    """`camera-agent run` as a child; `within`: a command that runs it; `module`: which `python -m` it is."""

    module = "agent"

    def __init__(self, config: Path, log: Path, within: tuple[str, ...] = (), **env: str) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*within, sys.executable, "-m", self.module, "run", "--config", str(config)],
                cwd=ROOT,
                stderr=errors,
                env={**os.environ, "CAMERA_AGENT_LANG": "en", **env},
            )

    def stop(self) -> int:
        """As systemd does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.wait()

    def words(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8")
