"""The reference of all settings as Markdown, made from the schema.

`python -m agent.config.reference > docs/guide/config.md`; a test holds the kept file to what this makes, so that the
page cannot fall behind the code.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from agent.config.schema import config_schema

MINIMAL = """\
node:
  ward: phuong-1
  id: node-1
mqtt:
  url: mqtts://ward.example:8883
retention: {max_days: 30}
cameras:
  - id: cong
    source: rtsp://192.168.1.64/main
    zones:
      san: [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]
    rules:
      - rule: intrusion
        zone: san
"""
INTRODUCTION = """\
# Configuration

One YAML file, by default `/etc/camera-agent/config.yaml`. `camera-agent check-config FILE` tells every mistake in it at
once, each with its line and column, without touching a camera or the network. `camera-agent schema config` prints its
JSON Schema, with which editors complete and check it.

A node needs no more than this:

```yaml
{minimal}```

`config.example.yaml` shows the rest. Durations and sizes are written with their unit: `250ms`, `10s`, `5m`, `2h`,
`30d`; `500kB`, `500MB`, `8GB`. Points are `[x, y]`, both from 0 to 1, with `[0, 0]` in the top left corner. Passwords
stand in files of their own (`chmod 600`), never in this one. Anchors, aliases and tags of YAML are not used.

## Which way is `in`

Stand at the line's first point and look to its second: walking from your left to your right is `in`.

```text
              2nd point
                  │
       left  ─────┼────►  in
       out   ◄────┼─────  right
                  │
              1st point
```
"""
ORDER = (
    "NodeSection", "MqttSection", "UploadSection", "UplinkSection", "TlsSection", "CommandsSection", "LiveSection",
    "CameraSection", "IdleSection",
    "V4l2Section", "Picamera2Section", "ArgusSection",
    "Schedule",
    "IntrusionRule", "LineCrossingRule", "LoiteringRule", "CrowdRule", "ParkingRule", "EncroachmentRule", "DumpingRule",
    "ObjectRemovedRule", "WrongWayRule", "CongestionRule", "CollisionRule", "FightRule", "TamperRule",
    "DetectionSection", "RetentionSection", "FootageSection", "SpoolSection", "EvidenceSection",
    "HealthSection",
    "EscalationSection", "PageSection",
)  # fmt: skip
NAMES = {
    "CameraSection": "cameras[]", "V4l2Section": "cameras[].v4l2", "IdleSection": "cameras[].idle",
    "Picamera2Section": "cameras[].picamera2", "ArgusSection": "cameras[].argus",
    "Schedule": "cameras[].rules[].schedule",
    "IntrusionRule": "rule: intrusion", "LineCrossingRule": "rule: line_crossing", "LoiteringRule": "rule: loitering",
    "CrowdRule": "rule: crowd", "ParkingRule": "rule: parking", "EncroachmentRule": "rule: encroachment",
    "DumpingRule": "rule: dumping", "ObjectRemovedRule": "rule: object_removed", "WrongWayRule": "rule: wrong_way",
    "CongestionRule": "rule: congestion", "CollisionRule": "rule: collision", "FightRule": "rule: fight",
    "TamperRule": "rule: tamper",
}  # fmt: skip


def config_reference() -> str:
    """The whole page."""
    schema = config_schema()
    parts = [INTRODUCTION.format(minimal=MINIMAL), "\n".join(_table("The file", schema, schema))]
    for name in ORDER:
        section = schema["$defs"][name]
        title = f"`{NAMES.get(name, name.removesuffix('Section').lower())}`"
        parts.append("\n".join(_table(title, section, schema)))
    return "\n".join(parts)


def _table(title: str, section: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{section['description']}\n"
    yield "| key | value | default | what it is |"
    yield "|---|---|---|---|"
    for name, field in section["properties"].items():
        inner = schema["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
        told = " ".join((field.get("description") or inner.get("description", "")).split())
        default = "**needed**" if name in section.get("required", ()) else _default(field)
        yield f"| `{name}` | {_kind(field, schema)} | {default} | {told} |"
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    if value is None or value in ("", [], {}) or isinstance(value, dict):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _kind(field: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return next(_kind(each, schema) for each in field["anyOf"] if each.get("type") != "null")
    if "$ref" in field:
        target = schema["$defs"][field["$ref"].rpartition("/")[2]]
        return _kind(target, schema) if "enum" in target else "section"
    if "const" in field:
        return f"`{field['const']}`"
    choices = field.get("enum", ())
    if choices:
        return ", ".join(f"`{each}`" for each in choices) if len(choices) < 10 else "COCO class name"
    if "oneOf" in field:
        return "section"
    pattern = field.get("pattern", "")
    if pattern.startswith(r"^\d+("):
        return "duration" if "ms" in pattern else "size"
    kinds: dict[str, str] = {
        "array": "list",
        "object": "named",
        "string": "text",
        "integer": "whole number",
        "boolean": "true, false",
    }
    return kinds.get(field["type"], str(field["type"])) + _limits(field)


def _limits(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum")
    if low is None:
        return ""
    return f" {low} to {high}" if high is not None else f" from {low}"


if __name__ == "__main__":
    sys.stdout.write(config_reference())
