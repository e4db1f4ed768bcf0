"""The ward's desk: signed commands to one living node, and what it answers."""

from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from paho.mqtt.enums import CallbackAPIVersion

from agent.contract.commands import CommandMessage, ResponseMessage
from deploy.ward import Ward
from deploy.ward.order import Letter, Order, write
from tests.app.living import Ear, Living

BY = "O-17/C-2026-4/theft at the gate"


class SureLiving(Living):
    """A node that believes its clock."""

    module = "tests.app.sure_clock"


class Desk:
    """Speaks to `node`, which must pin `key_file`; hears through `ear`."""

    def __init__(self, ward: Ward, node: str, ear: Ear, directory: Path) -> None:
        self.node = node
        self.ear = ear
        self._key = Ed25519PrivateKey.generate()
        directory.mkdir(parents=True, exist_ok=True)
        self.key_file = directory / "command-key.pub.pem"
        self.key_file.write_bytes(self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"desk-{node}")
        self._client.connect("127.0.0.1", ward.mqtt_port)
        self._client.loop_start()

    def letter(self, command: str, **fields: str) -> Letter:
        """A signed command."""
        return write(Order("test", self.node, command, fields, BY), self._key)

    def send(self, command: str, **fields: str) -> str:
        """The request's id."""
        letter = self.letter(command, **fields)
        CommandMessage.model_validate_json(letter.payload)
        self._client.publish(f"camera/v1/test/{self.node}/cmd/{command}", letter.payload, 1).wait_for_publish(30)
        return letter.request_id

    def answers(self, request_id: str) -> list[dict[str, Any]]:
        """What came so far."""
        return self.ear.bodies(f"/rsp/{request_id}")

    def ask(self, command: str, **fields: str) -> dict[str, Any]:
        """The last word on it: `done` or `rejected`; `accepted` is passed over."""
        request_id = self.send(command, **fields)
        return self.ended(request_id)

    def ended(self, request_id: str) -> dict[str, Any]:
        """The last word on a request."""
        self.ear.wait(lambda: any(one["result"] != "accepted" for one in self.answers(request_id)))
        last = next(one for one in self.answers(request_id) if one["result"] != "accepted")
        ResponseMessage.model_validate(last)
        return last

    def first(self, command: str, **fields: str) -> dict[str, Any]:
        """The first word on it."""
        request_id = self.send(command, **fields)
        self.ear.wait(lambda: self.answers(request_id))
        return self.answers(request_id)[0]

    def job(self, job_id: str) -> list[dict[str, Any]]:
        """What a job told of itself."""
        return self.ear.bodies(f"/job/{job_id}")

    def retained(self, ward: Ward) -> list[str]:
        """Topics on which the broker keeps something of the node, as a new subscriber learns them."""
        late = Ear(ward, self.node)
        try:
            # What the broker keeps comes right after the subscription, and before anything that is said from now on.
            mark = f"camera/v1/test/{self.node}/cmd/mark"
            self._client.publish(mark, b"{}", 1).wait_for_publish(30)
            late.wait(lambda: any(topic == mark for topic, _ in late.heard))
            return sorted({topic for topic, payload in late.heard if payload and topic != mark})
        finally:
            late.close()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
