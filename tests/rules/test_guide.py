"""The guide of the rules: its examples load, every rule has one, and both languages show the same."""

import re
from typing import Any

import pytest
import yaml

from agent.config.camera import CameraSection
from agent.config.rules import RULES
from tests.config.files import ROOT

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = ("rules.md", "rules.vi.md")


def text(page: str) -> str:
    return (ROOT / "docs" / "guide" / page).read_text(encoding="utf-8")


def examples(page: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The zones and lines of the page, and its rules."""
    blocks = [yaml.safe_load(block) for block in BLOCK.findall(text(page))]
    places = next(block for block in blocks if isinstance(block, dict))
    return places, [rule for block in blocks if isinstance(block, list) for rule in block]


@pytest.mark.parametrize("page", PAGES)
def test_every_rule_has_an_example_that_loads(page: str) -> None:
    places, rules = examples(page)
    assert [rule["rule"] for rule in rules if rule["rule"] in RULES] == [rule["rule"] for rule in rules]
    assert {rule["rule"] for rule in rules} == set(RULES)
    camera = CameraSection.model_validate({"id": "cam", "source": "a.mp4", **places, "rules": rules})
    assert len(camera.rules) == len(RULES)


def test_both_languages_show_the_same_examples_and_figures() -> None:
    assert examples(PAGES[0]) == examples(PAGES[1])
    numbers = [re.findall(r"^\| `\w+`.*\|$", text(page).split("\n## ")[-1], re.MULTILINE) for page in PAGES]
    assert len(numbers[0]) == len(numbers[1]) == len(RULES)
    cells = [[re.findall(r"[\d.]+", row) for row in page] for page in numbers]
    assert cells[0] == cells[1]
