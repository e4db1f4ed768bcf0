"""The configuration of one node: its own text or a made one, completed, and checked by the agent's own code.

    config: node-config.yaml     a file beside node.yaml, in which ${id} and ${camera-ip} stand for this node's values
    config: {sections}           written in node.yaml itself; mistakes are told at their place there
    (nothing)                    made of `server`, `camera` and `retention_days`

Sections that make-card knows better (who the node is, where its certificate lies, the codes) are added behind the text
where it does not have them, so that the lines of a mistake stay those of the file.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from agent.config.document import Document, Mark, read_document
from agent.config.files import read_text
from agent.config.load import config_in, mistake_in
from agent.config.mistakes import InvalidConfig, Mistake
from agent.config.model import Config
from agent.config.units import Section, Step
from agent.i18n import Text
from deploy.flash.node_file import NodeFile
from deploy.flash.reading import NodeSource

ETC = "/etc/camera-agent"
DATA = "/var/lib/camera-agent"
PLACEHOLDER = re.compile(r"\$\{([a-z0-9-]+)\}")
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@+-]*")  # may stand inside of any other text
MQTT_PASSWORD, CAMERA_PASSWORD = "mqtt.password", "camera.password"


@dataclass(frozen=True, slots=True)
class Composed:
    """The file as it will lie on the node, and what it means."""

    text: str = field(repr=False)
    config: Config


@dataclass(frozen=True, slots=True)
class _Written:
    """A text, the file that people know it by, and by how much its places are shifted there."""

    text: str
    file: Path
    lines: int = 0
    cols: int = 0


def compose(source: NodeSource) -> Composed:
    """Raises InvalidConfig: every mistake, with file, line and column."""
    written = _written(source)
    before = read_document(written.text)
    if before.faults:
        found = config_in(written.file, before)
        raise InvalidConfig(_shifted(found if isinstance(found, tuple) else (), written, source))
    has = before.data if isinstance(before.data, dict) else {}
    mistakes = _other_node(source.wanted, before, written)
    text = written.text.rstrip("\n") + "\n" + "".join(added(source.wanted, frozenset(has)))
    outcome = config_in(written.file, read_document(text))
    if isinstance(outcome, tuple) or mistakes:
        found = mistakes + (outcome if isinstance(outcome, tuple) else ())
        raise InvalidConfig(_shifted(found, written, source))
    return Composed(text, outcome)


def added(node: NodeFile, has: frozenset[str]) -> list[str]:
    """The sections that `has` lacks, each with what it is for."""
    parts: list[str] = []
    if "node" not in has:
        parts.append(
            f"node:  # who this is; thiết bị này\n  ward: {node.node.ward}\n  id: {node.node.id}\n"
            f"  label: {_quoted(node.node.label)}\n  timezone: {node.timezone}\n"
        )
    if "tls" not in has and (node.enrol or node.identity):
        renew = f"  renew: {_quoted(_est(node.enrol.url))}\n" if node.enrol else ""
        parts.append(
            "tls:  # from the enrolment or from the ward; chứng chỉ do phường cấp\n"
            f"  ca: {DATA}/tls/ca.pem\n  cert: {DATA}/tls/node.crt\n  key: {DATA}/tls/node.key\n{renew}"
        )
    if "notice" not in has and node.notice and "notice" in Config.model_fields:
        parts.append(
            "notice:  # told on the sign; in trên biển báo\n"
            + "".join(
                f"  {name}: {_quoted(getattr(node.notice, name))}\n" for name in ("purpose", "controller", "contact")
            )
        )
    if "setup" not in has and _takes("setup", "code_file"):
        parts.append(
            "setup:  # the page for aiming, 30 min after the first start; trang cài đặt, mở sau lần khởi động đầu\n"
            f"  code_file: {ETC}/setup.code\n"
        )
    if "household" not in has and node.household and _takes("household", "code_file"):
        parts.append(f"household:  # the family's page; trang cho gia đình\n  code_file: {ETC}/household.code\n")
    return parts


def _takes(name: str, setting: str) -> bool:
    """Has this version of the agent a section `name` with `setting`?"""
    found = Config.model_fields.get(name)
    members = () if found is None else (found.annotation, *get_args(found.annotation))
    return any(
        isinstance(each, type) and issubclass(each, Section) and setting in each.model_fields for each in members
    )


def _written(source: NodeSource) -> _Written:
    told = source.wanted.config
    if told is None:
        return _Written(made(source.wanted), source.file)
    if isinstance(told, str):
        path = source.file.parent / told
        text = read_text(path)
        if isinstance(text, Mistake):
            mark = source.document.values.get(("config",), Mark(1, 1))
            raise InvalidConfig((Mistake(source.file, *mark, "config", text.text, text.hint),))
        return _Written(_filled(text, path, source), path)
    return _inline(source)


def _inline(source: NodeSource) -> _Written:
    """The lines below `config:`, moved to the left. A mapping in braces is one line and stays as it is."""
    first = source.document.values[("config",)]
    keys = [mark.line for steps, mark in source.document.keys.items() if len(steps) == 1 and mark.line > first.line]
    lines = source.text.split("\n")[first.line - 1 : min(keys, default=len(source.text.split("\n")) + 1) - 1]
    if lines and lines[0][first.col - 1 : first.col] == "{":
        return _Written(lines[0][first.col - 1 :] + "\n" + "\n".join(lines[1:]), source.file, first.line - 1, 0)
    moved = [line[first.col - 1 :] if not line[: first.col - 1].strip() else line for line in lines]
    text = "\n".join(moved)
    return _Written(_filled(text, source.file, source), source.file, first.line - 1, first.col - 1)


def _filled(text: str, path: Path, source: NodeSource) -> str:
    """With ${name} replaced. Raises InvalidConfig for a name that this node has no value for."""
    node = source.wanted
    values = {"id": node.node.id, "ward": node.node.ward, "label": node.node.label, "host": node.host, **node.values}
    mistakes: list[Mistake] = []

    def value(match: re.Match[str]) -> str:
        place = _place(text, match.start())
        if match[1] not in values:
            mistakes.append(Mistake(path, *place, "", _no_value(match[1], source.row)))
            return ""
        found = values[match[1]]
        if SAFE.fullmatch(found):
            return found
        line = text.split("\n")[place.line - 1]
        alone = re.fullmatch(r"[^#]*[:\-]\s+" + re.escape(match[0]) + r"\s*(#.*)?", line)
        if alone is None:  # a sign in it might mean something to YAML
            mistakes.append(Mistake(path, *place, "", _unsafe(match[1], source.row)))
        return _quoted(found)

    filled = PLACEHOLDER.sub(value, text)
    if mistakes:
        raise InvalidConfig(tuple(mistakes))
    return filled


def _place(text: str, at: int) -> Mark:
    return Mark(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _other_node(node: NodeFile, document: Document, written: _Written) -> tuple[Mistake, ...]:
    """A configuration that was copied from another node."""
    section = document.data.get("node") if isinstance(document.data, dict) else None
    if not isinstance(section, dict):
        return ()
    wrong: list[Mistake] = []
    for name, meant in (("id", node.node.id), ("ward", node.node.ward)):
        steps: tuple[Step, ...] = ("node", name)
        if section.get(name) not in (None, meant):
            wrong.append(mistake_in(written.file, document, steps, _another(meant), _TAKE_OUT))
    return tuple(wrong)


def _shifted(found: tuple[Mistake, ...], written: _Written, source: NodeSource) -> tuple[Mistake, ...]:
    """Places as they are in the file that people wrote; what was added by us is told at its beginning."""
    length = written.text.count("\n") + 1
    row = f" ({source.row})" if source.row else ""
    return tuple(
        Mistake(
            Path(f"{written.file}{row}") if row else written.file,
            min(each.line, length) + written.lines if source.wanted.config is not None else 1,
            each.col + written.cols if source.wanted.config is not None else 1,
            each.path,
            each.text,
            each.hint,
        )
        for each in found
    )


def made(node: NodeFile) -> str:
    """A whole configuration of `server`, `camera` and `retention_days`."""
    server, camera = node.server, node.camera
    if server is None or node.retention_days is None:
        raise ValueError("a node file without `config` has both")
    lines = [
        "# Made by make-card. Check it after a change: camera-agent check-config /etc/camera-agent/config.yaml",
        "# Do make-card tạo ra. Sửa xong hãy kiểm tra bằng lệnh trên.",
        "mqtt:  # the ward's broker; máy chủ của phường",
        f"  url: {json.dumps(list(server.mqtt))}",
    ]
    if server.username:
        lines += [f"  username: {_quoted(server.username)}", f"  password_file: {ETC}/{MQTT_PASSWORD}"]
    if server.upload:
        lines.append(f"upload: {{url: {_quoted(server.upload)}}}  # where clips go; nơi nhận video")
    if server.live:
        lines.append(f"live: {{url: {_quoted(server.live)}}}  # nơi phường xem trực tiếp")
    lines += [
        "cameras:",
        f"  - id: {camera.id if camera else 'camera-1'}",
        f"    label: {_quoted(camera.label if camera else '')}",
        f"    source: {_quoted(camera.source if camera else 'picamera2')}",
    ]
    if camera and camera.username:
        lines.append(f"    username: {_quoted(camera.username)}")
    if camera and camera.password:
        lines.append(f"    password_file: {ETC}/{CAMERA_PASSWORD}")
    lines += [
        "detection: {model: /usr/share/camera-agent/ssdlite.onnx}",
        f"retention: {{max_days: {node.retention_days}}}  # xoá video cũ hơn bấy nhiêu ngày",
    ]
    return "\n".join(lines) + "\n"


def _est(url: str) -> str:
    return url.rstrip("/") + "/.well-known/est" if "/.well-known/" not in url else url


def _quoted(value: str) -> str:
    """A YAML text in double quotes: JSON's are such."""
    return json.dumps(value, ensure_ascii=False)


def _no_value(name: str, row: str) -> Text:
    where = f" ({row})" if row else ""
    return Text(
        en=f"${{{name}}} has no value{where}: write it under `values`, or as column values.{name} of the table",
        vi=f"${{{name}}} chưa có giá trị{where}: hãy ghi trong mục `values`, hoặc cột values.{name} của bảng",
    )


def _unsafe(name: str, row: str) -> Text:
    where = f" ({row})" if row else ""
    return Text(
        en=f"the value of ${{{name}}}{where} has signs that only fit where nothing else stands on the line",
        vi=f"giá trị của ${{{name}}}{where} có ký tự chỉ dùng được khi đứng một mình trên dòng",
    )


def _another(meant: str) -> Text:
    return Text(en=f"another node's; this card is for {meant}", vi=f"của thiết bị khác; thẻ này dành cho {meant}")


_TAKE_OUT = Text(
    en="write ${id} and ${ward} there, or take out `node`: make-card adds it",
    vi="hãy ghi ${id} và ${ward} vào đó, hoặc bỏ mục `node`: make-card tự thêm",
)
