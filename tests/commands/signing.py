"""A ward that signs its commands: what a ward's author writes, by another JSON library than the node's where it can."""

import base64
from typing import Any

import rfc8785
from nacl.signing import SigningKey

from agent.evidence.public import PublicKey
from tests.commands.orders import TOPICS


def signed(key: SigningKey, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    said = f"{TOPICS.ward}/{TOPICS.node}/{name}\n".encode() + rfc8785.dumps(fields)
    return fields | {"signature": base64.b64encode(key.sign(said).signature).decode()}


def public_pem(*keys: SigningKey) -> str:
    return "".join(PublicKey(bytes(key.verify_key)).pem for key in keys)
