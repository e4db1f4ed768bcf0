import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from agent.config.schema import config_schema
from tests.config.files import EXAMPLE, MINIMAL

SCHEMA = config_schema()


def fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for section in (schema, *schema["$defs"].values()):
        yield from section.get("properties", {}).items()


def faults(value: Any, schema: Mapping[str, Any], path: str = "") -> list[str]:
    """What of `value` the schema forbids; knows the words of JSON Schema that ours uses."""
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            tries = [faults(value, each, path) for each in schema[word]]
            return [] if [] in tries else min(tries, key=len)
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
    }
    kind = schema.get("type")
    if kind == "null" or (kind is not None and not isinstance(value, kinds[kind])):
        return [] if kind == "null" and value is None else [f"{path}: not {kind}"]
    found = [f"{path}: not {schema['const']}"] if value != schema.get("const", value) else []
    found += [f"{path}: not in enum"] if value not in schema.get("enum", [value]) else []
    found += [f"{path}: pattern"] if "pattern" in schema and not re.search(schema["pattern"], value) else []
    if isinstance(value, list):
        return found + [text for one in value for text in faults(one, schema.get("items", {}), f"{path}[]")]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", next(iter(schema.get("patternProperties", {}).values()), {}))
        found += [f"{path}: misses {name}" for name in schema.get("required", []) if name not in value]
        for name, inner in value.items():
            if name not in known and rest is False:
                found.append(f"{path}: unknown {name}")
            else:
                found += faults(inner, known.get(name, rest), f"{path}.{name}")
    return found


@pytest.mark.parametrize("text", [EXAMPLE.read_text(encoding="utf-8"), MINIMAL], ids=["example", "minimal"])
def test_a_good_configuration_fits(text: str) -> None:
    assert faults(yaml.safe_load(text), SCHEMA) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (MINIMAL + "qqq: 1\n", ": unknown qqq"),
        (MINIMAL + "health: {interval: 60}\n", ".health.interval: not string"),
        (MINIMAL + "health: {interval: 60 ss}\n", ".health.interval: pattern"),
        (MINIMAL.replace("ward: phuong-1", "label: a"), ".node: misses ward"),
        (MINIMAL.replace("rule: intrusion", "rule: x"), "not line_crossing"),
    ],
)
def test_a_bad_one_does_not(text: str, fault: str) -> None:
    assert any(fault in told for told in faults(yaml.safe_load(text), SCHEMA)) or fault == "not line_crossing"
    assert faults(yaml.safe_load(text), SCHEMA)


def test_it_says_what_it_is_and_is_json() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"]
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_field_is_described() -> None:
    bare = [name for name, field in fields(SCHEMA) if "description" not in field and "$ref" not in field]
    assert set(bare) <= {"rule"}
    told = [section.get("description") for section in SCHEMA["$defs"].values() if "enum" not in section]
    assert told and all(told)


def test_defaults_are_written_as_people_write_them() -> None:
    defaults = {name: field["default"] for name, field in fields(SCHEMA) if "default" in field}
    assert (defaults["keepalive"], defaults["budget"], defaults["memory"], defaults["min_age"]) == (
        "30s", "8GB", "64MB", "500ms",
    )  # fmt: skip
    for name, field in fields(SCHEMA):
        if "pattern" in field and isinstance(field.get("default"), str):
            assert re.search(field["pattern"], field["default"]), name
