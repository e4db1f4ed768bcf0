"""The example and the minimal node: they load, and what they call a default is one."""

import re
from typing import Any

import pytest
import yaml

from agent.config.labels import COCO
from agent.config.load import check_config, load_config
from agent.config.model import Config
from agent.config.rules import RULES
from agent.config.sections import sections_in
from tests.config.files import EXAMPLE, MINIMAL, ROOT, mistakes_in

LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()


def test_the_example_loads_without_a_mistake() -> None:
    assert [str(mistake) for mistake in check_config(EXAMPLE)] == []


def test_the_example_is_a_real_node_in_sixty_lines() -> None:
    config = load_config(EXAMPLE)
    assert len(LINES) <= 60
    (camera,) = config.cameras
    assert camera.kind == "rtsp"
    assert camera.sub is not None
    shown = {"intrusion", "line_crossing", "loitering", "crowd", "parking", "encroachment", "tamper"}
    assert {rule.rule for rule in camera.rules} == shown
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [rule for rule in RULES if rule not in text] == []
    assert config.tls.cert is not None
    assert config.detection.model is not None


def documented() -> list[tuple[str, str, str]]:
    """Every `key: value  # default: X` of the example."""
    found = [re.search(r"(\w+): ([^#{}]+?) +# default: ([^ ;(]+)", line) for line in LINES]
    return [(match.group(1), match.group(2), match.group(3)) for match in found if match is not None]


def default_of(key: str, said: str) -> tuple[Any, Any]:
    """The default of the one section that has `key`, and what the example says, read by the same section."""
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    sections = [section for _, section, data in sections_in(raw) if key in data and key in section.model_fields]
    assert sections, key
    section = sections[0]
    field = section.model_fields[key]
    value = yaml.safe_load(said)
    complete = {name: data[name] for _, cls, data in sections_in(raw) if cls is section for name in data}
    made = section.model_validate({**complete, key: value})
    return field.default, getattr(made, key)


@pytest.mark.parametrize(("key", "value", "said"), documented(), ids=str)
def test_a_documented_default_is_the_default(key: str, value: str, said: str) -> None:
    default, told = default_of(key, said)
    assert told == default


def test_defaults_are_documented_at_all() -> None:
    assert len(documented()) >= 10


def test_the_example_s_schema_line_names_the_dialect_of_editors() -> None:
    assert LINES[0].startswith("# yaml-language-server: $schema=")


def test_a_minimal_node_has_fifteen_lines_and_loads(tmp_path: Any) -> None:
    assert len(MINIMAL.splitlines()) <= 15
    assert mistakes_in(MINIMAL, tmp_path) == ()


def test_every_setting_is_described_where_it_is_defined() -> None:
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    bare = [
        f"{section.__name__}.{name}"
        for _, section, _ in sections_in(raw)
        for name, field in section.model_fields.items()
        if not field.description and section is not Config and name != "rule"
    ]
    assert bare == []


def test_the_labels_are_the_eighty_of_coco() -> None:
    assert (len(COCO), len(set(COCO)), COCO[0], COCO[79]) == (80, 80, "person", "toothbrush")


def test_the_example_names_no_place_of_this_machine() -> None:
    assert str(ROOT) not in EXAMPLE.read_text(encoding="utf-8")
