"""What may be written for a setting, in words: read from its entry of the JSON Schema. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from agent.i18n import Text

_KINDS = {
    "array": Text(en="list", vi="danh sách"),
    "object": Text(en="names, each with its points", vi="các tên, mỗi tên kèm các điểm"),
    "string": Text(en="text", vi="chữ"),
    "integer": Text(en="whole number", vi="số nguyên"),
    "number": Text(en="number", vi="số"),
    "boolean": Text(en="true, false", vi="true, false"),
    "section": Text(en="section", vi="mục"),
    "duration": Text(en="duration", vi="thời gian"),
    "size": Text(en="size", vi="dung lượng"),
    "class": Text(en="COCO class name", vi="tên loại của COCO"),
}


def default_of(field: Mapping[str, Any]) -> str:
    """A default as people write it; empty where there is none that a line could hold."""
    value = field.get("default")
    if value is None or value in ("", [], {}) or isinstance(value, dict):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def kind(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Text:
    """What may be written for a setting, in words: its choices, its unit, its limits."""
    if "anyOf" in field:
        return next(kind(each, schema) for each in field["anyOf"] if each.get("type") != "null")
    if "$ref" in field:
        target = schema["$defs"][field["$ref"].rpartition("/")[2]]
        return kind(target, schema) if "enum" in target else _KINDS["section"]
    if "const" in field:
        return _both(f"`{field['const']}`")
    choices = field.get("enum", ())
    if choices:
        return _both(", ".join(f"`{each}`" for each in choices)) if len(choices) < 10 else _KINDS["class"]
    if "oneOf" in field:
        return _KINDS["section"]
    pattern = field.get("pattern", "")
    if pattern.startswith(r"^\d+("):
        return _limited(_KINDS["duration" if "ms" in pattern else "size"], field)
    return _limited(_KINDS[field["type"]], field)


def _both(words: str) -> Text:
    return Text(en=words, vi=words)


def _limited(word: Text, field: Mapping[str, Any]) -> Text:
    low = field.get("x-minimum", field.get("minimum", field.get("exclusiveMinimum")))
    high = field.get("x-maximum", field.get("maximum"))
    if low is None and high is not None:
        return Text(en=f"{word.en} up to {high}", vi=f"{word.vi} đến {high}")
    if low is None:
        return word
    if high is None:
        return Text(en=f"{word.en} from {low}", vi=f"{word.vi} từ {low}")
    return Text(en=f"{word.en} {low} to {high}", vi=f"{word.vi} từ {low} đến {high}")
