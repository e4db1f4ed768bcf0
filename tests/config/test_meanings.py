"""Which classes each rule can mean: one table, which fits the rules and their defaults."""

from pathlib import Path
from typing import get_args

import pytest

from agent.config.labels import COCO
from agent.config.meanings import MEANINGS, OF_TRACKS, VIEW_RULES
from agent.config.rules import RULES, BaseRule, RuleSection
from agent.config.sections import offered
from tests.config.cases import rules
from tests.config.files import mistakes_in

SECTIONS: dict[str, type[BaseRule]] = dict(zip(RULES, get_args(get_args(RuleSection)[0]), strict=True))
NEEDED = {"line_crossing": ", line: cua", "wrong_way": ", direction: [[0, 0.5], [1, 0.5]]"}
WITH_LABELS = "detection: {labels: nhan.txt}\n"


def rule(name: str, label: str) -> str:
    """A configuration with one rule about one class (and a car, where one of two is always a vehicle)."""
    labels = f"car, {label}" if name == "collision" and label != "car" else label
    text = rules(f"- {{rule: {name}, classes: [{labels}]{NEEDED.get(name, '')}}}")
    return text.replace("    zones:\n", "    lines: {cua: [[0, 0], [1, 1]]}\n    zones:\n")


def test_the_table_knows_every_rule_and_no_other() -> None:
    assert tuple(MEANINGS) == RULES


@pytest.mark.parametrize("name", RULES)
def test_what_a_rule_takes_by_default_it_can_mean(name: str) -> None:
    default = SECTIONS[name].model_fields["classes"].default
    assert set(default) <= MEANINGS[name].classes
    assert bool(default) == (name not in VIEW_RULES)


@pytest.mark.parametrize("name", RULES)
def test_it_refuses_what_the_table_leaves_out_and_nothing_else(name: str, tmp_path: Path) -> None:
    for label in ("person", "car", "train", "dog", "bench", "suitcase", "traffic light"):
        wrong = [one.path for one in mistakes_in(rule(name, label), tmp_path)]
        where = any(path.startswith("cameras[0].rules[0].classes") for path in wrong)
        assert where == (label not in MEANINGS[name].classes), (label, wrong)
        assert len(wrong) == where


@pytest.mark.parametrize("name", [name for name in RULES if name not in VIEW_RULES])
def test_the_labels_of_a_model_of_its_own_are_not_judged(name: str, tmp_path: Path) -> None:
    assert mistakes_in(rule(name, "xe ba gác") + WITH_LABELS, tmp_path) == ()
    assert ("dog" in MEANINGS[name].classes) == (mistakes_in(rule(name, "dog") + WITH_LABELS, tmp_path) == ())


@pytest.mark.parametrize("name", RULES)
def test_what_a_rule_cannot_have_is_not_offered(name: str) -> None:
    assert set(OF_TRACKS).isdisjoint(offered(SECTIONS[name])) == (name in VIEW_RULES)


def test_every_meaning_has_words_in_both_languages() -> None:
    for meaning in MEANINGS.values():
        assert meaning.classes <= set(COCO)
        for text in filter(None, (meaning.about, meaning.hint)):
            assert text.en != text.vi
