"""The published form of the contract, built from the models: one AsyncAPI 3.0 document and a JSON Schema per message.

`write_reference` writes what is committed under docs/reference/mqtt; a test compares the two.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agent.config.rules import RULES
from agent.contract.base import Message
from agent.contract.channels import CHANNELS, Channel
from agent.contract.commands import CommandMessage
from agent.contract.envelope import Envelope
from agent.contract.examples import examples
from agent.contract.manifest import Manifest

VERSION = "1.0.0"
ID_PATTERN = "[a-z0-9][a-z0-9-]{0,62}"
PARAMETERS = {
    "prefix": "First level of all topics; `camera` unless configured otherwise",
    "ward": f"The ward, {ID_PATTERN}",
    "node": f"The node, also its MQTT client id, {ID_PATTERN}",
    "cam": f"A camera of the node, {ID_PATTERN}",
    "rule": f"The kind of rule: {', '.join(RULES)}",
    "rule_id": f"One configured rule, {ID_PATTERN}",
    "event_id": "ULID of an event",
    "job_id": "ULID of a job",
    "request_id": "ULID that the ward gave its command",
    "code": "A fault code",
}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document, as plain JSON values."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Camera node and ward server",
            "version": VERSION,
            "description": "MQTT 3.1.1 or 5, QoS 1. At least once: readers keep one of each (node, id, rev).",
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {_operation_name(channel): _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {channel.name: _message(channel) for channel in CHANNELS},
            "schemas": _definitions("#/components/schemas/{model}"),
        },
    }


def message_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON Schema (2020-12) of a whole payload: the message and, from a node, its envelope."""
    models = (model, Envelope) if _enveloped(model) else (model,)
    _, definitions = models_json_schema(
        [(item, "validation") for item in models], by_alias=True, ref_template="#/$defs/{model}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.__name__,
        "allOf": [{"$ref": f"#/$defs/{item.__name__}"} for item in models],
        **definitions,
    }


def reference() -> dict[str, str]:
    """File name to content of the whole published reference."""
    files = {"asyncapi.json": asyncapi()}
    for channel in CHANNELS:
        if channel.model is not None:
            files[f"{channel.name}.schema.json"] = message_schema(channel.model)
    files["manifest.schema.json"] = message_schema(Manifest)  # a file that is uploaded before its clip
    return {name: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in files.items()}


def write_reference(directory: Path) -> None:
    """Write the published reference. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in reference().items():
        (directory / name).write_text(text, encoding="utf-8")


def _enveloped(model: type[BaseModel]) -> bool:
    return issubclass(model, Message) and not issubclass(model, CommandMessage)


def _definitions(template: str) -> dict[str, Any]:
    models = {channel.model for channel in CHANNELS if channel.model is not None} | {Envelope}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schema = models_json_schema([(model, "validation") for model in ordered], by_alias=True, ref_template=template)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _channel(channel: Channel) -> dict[str, Any]:
    names = [part[1:-1] for part in channel.address.split("/") if part.startswith("{")]
    return {
        "address": channel.address,
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
        "parameters": {name: {"description": PARAMETERS[name]} for name in names},
    }


def _operation_name(channel: Channel) -> str:
    return f"{'send' if channel.by == 'node' else 'receive'}-{channel.name}"


def _operation(channel: Channel) -> dict[str, Any]:
    return {
        "action": "send" if channel.by == "node" else "receive",
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "bindings": {"mqtt": {"qos": 1, "retain": channel.retained}},
    }


def _message(channel: Channel) -> dict[str, Any]:
    if channel.model is None:
        return {
            "name": channel.name,
            "contentType": "image/jpeg",
            "summary": "A thumbnail of the event, at most 40 kB",
            "payload": {"type": "string", "format": "binary"},
        }
    models = (channel.model, Envelope) if _enveloped(channel.model) else (channel.model,)
    return {
        "name": channel.name,
        "summary": (channel.model.__doc__ or "").split("\n")[0],
        "payload": {"allOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]},
        "examples": [
            {"summary": one.topic, "payload": json.loads(one.payload)}
            for one in examples()
            if one.channel == channel.name
        ],
    }


if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))
