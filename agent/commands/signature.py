"""What the ward's command key signs: for which node, which command, and the whole body.

    WARD/NODE/COMMAND\n + the body without `signature`, as canonical JSON (RFC 8785), UTF-8

So a signature is good for one node, one command, one request and its time, however the JSON is written on the wire.
"""

from collections.abc import Mapping
from typing import Any

import rfc8785

from agent.contract.topics import Topics

FIELD = "signature"


def signed_bytes(topics: Topics, name: str, fields: Mapping[str, Any]) -> bytes:
    """`name` as `clip.request`, `fields` as parsed. Raises ValueError when RFC 8785 has no form for them."""
    body = {key: value for key, value in fields.items() if key != FIELD}
    return f"{topics.ward}/{topics.node}/{name}\n".encode() + rfc8785.dumps(body)
