"""The reference of all settings as Markdown, made from the schema, in both languages.

`python -m agent.config.reference docs/guide` writes config.md and config.vi.md (without a folder: the English page to
stdout); a test holds the kept files to what this makes, so that the pages cannot fall behind the code.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.config.kinds import default_of, kind
from agent.config.schema import config_schema
from agent.i18n import Language, Text

PAGES: tuple[tuple[str, Language], ...] = (("config.md", "en"), ("config.vi.md", "vi"))

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
_INTRODUCTION = Text(
    en="""\
# Configuration

*[Tiếng Việt](config.vi.md)*

One YAML file, by default `/etc/camera-agent/config.yaml`. `camera-agent init` asks ten questions and writes one;
`camera-agent check-config FILE` tells every mistake in it at once, each with its line and column, without touching a
camera or the network; `camera-agent config explain KEY` says of one setting what stands here, and how it is set now.
`camera-agent schema config` prints the JSON Schema, with which editors complete and check the file.

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
""",
    vi="""\
# Cấu hình

*[English](config.md)*

Một tệp YAML, mặc định là `/etc/camera-agent/config.yaml`. `camera-agent init` hỏi mười câu rồi viết ra tệp này;
`camera-agent check-config TỆP` chỉ ra mọi lỗi cùng lúc, mỗi lỗi kèm dòng và cột, không đụng đến camera hay mạng;
`camera-agent config explain KHOÁ` nói về một thiết lập như dưới đây, và hiện nó đang được đặt thế nào.
`camera-agent schema config` in ra JSON Schema, nhờ đó trình soạn thảo gợi ý và kiểm tra được tệp.

Một thiết bị chỉ cần chừng này:

```yaml
{minimal}```

`config.example.yaml` có những phần còn lại. Thời gian và dung lượng ghi kèm đơn vị: `250ms`, `10s`, `5m` (phút), `2h`
(giờ), `30d` (ngày); `500kB`, `500MB`, `8GB`. Điểm ghi là `[x, y]`, cả hai từ 0 đến 1, `[0, 0]` là góc trên bên trái.
Mật khẩu nằm trong tệp riêng (`chmod 600`), không bao giờ nằm trong tệp này. Không dùng neo, bí danh và thẻ của YAML.

## Chiều nào là `in`

Đứng ở điểm thứ nhất của vạch, nhìn về điểm thứ hai: đi từ bên trái sang bên phải của bạn là `in` (vào).

```text
              điểm thứ 2
                  │
       trái  ─────┼────►  in
       out   ◄────┼─────  phải
                  │
              điểm thứ 1
```
""",
)
ORDER = (
    "NodeSection", "MqttSection", "UploadSection", "UplinkSection", "TlsSection", "CommandsSection", "LiveSection",
    "CameraSection", "IdleSection",
    "V4l2Section", "Picamera2Section", "ArgusSection",
    "Schedule",
    "IntrusionRule", "LineCrossingRule", "LoiteringRule", "CrowdRule", "ParkingRule", "EncroachmentRule", "DumpingRule",
    "ObjectRemovedRule", "WrongWayRule", "CongestionRule", "CollisionRule", "FightRule", "TamperRule",
    "DetectionSection", "RetentionSection", "FootageSection", "SpoolSection", "EvidenceSection",
    "NoticeSection", "HealthSection",
    "EscalationSection", "UpdateSection", "MetricsSection", "PageSection", "SetupSection", "HouseholdSection",
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


_FILE = Text(en="The file", vi="Cả tệp")
_HEAD = Text(en="| key | value | default | what it is |", vi="| khoá | giá trị | mặc định | là gì |")
_NEEDED = Text(en="**needed**", vi="**bắt buộc**")


def config_reference(language: Language = "en") -> str:
    """The whole page."""
    schema = config_schema(language)
    first = _INTRODUCTION.say(language).format(minimal=MINIMAL)
    parts = [first, "\n".join(_table(_FILE.say(language), schema, schema, language))]
    for name in ORDER:
        section = schema["$defs"][name]
        title = f"`{NAMES.get(name, name.removesuffix('Section').lower())}`"
        parts.append("\n".join(_table(title, section, schema, language)))
    return "\n".join(parts)


def _table(title: str, section: Mapping[str, Any], schema: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{section['description']}\n"
    yield _HEAD.say(language)
    yield "|---|---|---|---|"
    for name, field in section["properties"].items():
        inner = schema["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
        told = field.get("description") or inner.get("description", "")
        default = _NEEDED.say(language) if name in section.get("required", ()) else _default(field)
        yield f"| `{name}` | {kind(field, schema).say(language)} | {default} | {told} |"
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = default_of(field)
    return f"`{value}`" if value else ""


def main(arguments: Sequence[str]) -> None:
    """Write the two pages into the folder that is named, or print the English one."""
    if not arguments:
        sys.stdout.write(config_reference())
        return
    for name, language in PAGES:
        Path(arguments[0], name).write_text(config_reference(language), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
