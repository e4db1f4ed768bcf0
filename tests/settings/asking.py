"""A ward that asks one node about its configuration, with signed commands, over a real broker."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import rfc8785
import yaml
from nacl.signing import SigningKey
from paho.mqtt.enums import CallbackAPIVersion
from ulid import ULID

from agent.contract.base import utc
from deploy.ward import Ward
from tests.app.living import Ear, write_config
from tests.commands.orders import BY
from tests.commands.signing import public_pem

KEY = SigningKey(b"c" * 32)


def write_node(directory: Path, ward: Ward, node: str, **changes: Any) -> Path:
    """A node that knows the ward's command key."""
    directory.mkdir(parents=True, exist_ok=True)
    key = directory / "command-key.pem"
    key.write_text(public_pem(KEY), encoding="ascii")
    path = write_config(directory, ward, node, **({"commands": {"key": str(key)}} | changes))
    path.write_text(changed(path, rules=[]), encoding="utf-8")  # no events: they are not what is asked for
    return path


class Asking:
    """Says commands to one node and waits for what it tells."""

    def __init__(self, ward: Ward, node: str) -> None:
        self.ear = Ear(ward, node)
        self._node = node
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"mouth-{node}")
        self._client.connect("127.0.0.1", ward.mqtt_port)
        self._client.loop_start()

    def say(self, command: str, **fields: Any) -> str:
        """The request's id; signed, and said since the newest birth."""
        request_id = str(ULID())
        body = {"request_id": request_id, "issued_utc": utc(time.time_ns()), "expires_in_s": 60, "by": BY, **fields}
        births = self.ear.bodies("/birth")
        if births:
            body["session"] = births[-1]["session"]
        said = f"test/{self._node}/{command}\n".encode() + rfc8785.dumps(body)
        body["signature"] = base64.b64encode(KEY.sign(said).signature).decode()
        self._client.publish(f"camera/v1/test/{self._node}/cmd/{command}", json.dumps(body), qos=1)
        return request_id

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """The final answer: what comes after `accepted`, where more comes."""
        request_id = self.say(command, **fields)
        self.wait(lambda: self.final(request_id))
        return self.final(request_id)[-1]

    def wait(self, what: Callable[[], object]) -> None:
        """Until `what()` is true. Says how the node is when it never is."""
        try:
            self.ear.wait(what)
        except AssertionError as error:
            told = [(topic, payload[:300]) for topic, payload in self.ear.heard if "/rsp/" in topic or "/job/" in topic]
            raise AssertionError(told) from error.with_traceback(None)

    def ready(self) -> None:
        """Until its camera works, after the newest birth: before that nobody knows what a candidate must keep up."""

        def working() -> bool:
            heard = [(topic, payload) for topic, payload in list(self.ear.heard) if payload]
            newest = max((index for index, (topic, _) in enumerate(heard) if topic.endswith("/birth")), default=None)
            if newest is None:
                return False
            reports = [json.loads(payload) for topic, payload in heard[newest:] if topic.endswith("/health")]
            return any(report["cams"][0]["state"] == "ok" for report in reports)

        self.wait(working)

    def final(self, request_id: str) -> list[dict[str, Any]]:
        """Answers that say how it went; `accepted` alone is the first of two."""
        heard = self.ear.bodies(f"/rsp/{request_id}")
        return heard if len(heard) > 1 else [body for body in heard if body["result"] != "accepted"]

    def jobs(self, job_id: str) -> list[str]:
        """The states that the job told so far, without repeats."""
        told = [body["state"] for body in self.ear.bodies(f"/job/{job_id}")]
        return [state for index, state in enumerate(told) if index == 0 or told[index - 1] != state]

    def ended(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        self.wait(lambda: {"done", "failed"} & set(self.jobs(job_id)))
        return self.ear.bodies(f"/job/{job_id}")[-1]

    def birth(self) -> dict[str, Any]:
        """The newest facts of the node about its configuration."""
        facts: dict[str, Any] = self.ear.bodies("/birth")[-1]["config"]
        return facts

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self.ear.close()


def changed(path: Path, **camera: Any) -> str:
    """The file's settings with others for its first camera."""
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    tree["cameras"][0] |= camera
    return yaml.safe_dump(tree, sort_keys=False)
