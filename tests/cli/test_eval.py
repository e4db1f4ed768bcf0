"""The tables of `camera-agent eval` are in the language of the terminal."""

import json
from dataclasses import replace

import pytest

from agent.cli.eval import as_json, table
from agent.tools.evaluate import Evaluation, RuleScore, Tracking

FOUND = Evaluation(
    frames=10,
    marked=20,
    claimed=18,
    ap50=0.9,
    precision=0.95,
    recall=0.85,
    tracking=Tracking(mota=0.8, idf1=0.7, switches=3, fragments=4),
    rules={"gate": RuleScore(told=4, true=5, matched=3, mean_error_s=0.25)},
)
WORDS = {
    "en": ("precision", "recall", "switches", "fragments", "rule", "true", "told", "error s"),
    "vi": ("độ chính xác", "độ phủ", "đổi số", "đứt đoạn", "luật", "thật", "báo", "lệch (s)"),
}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_tables_are_in_one_language_and_their_columns_line_up(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    text = table(FOUND, "person")
    other = "en" if language == "vi" else "vi"
    assert [word for word in WORDS[language] if word not in text] == []
    assert [word for word in WORDS[other] if word in text] == []
    lines = text.splitlines()
    for heading, row in ((2, 3), (5, 6), (8, 9)):
        assert len(lines[heading]) == len(lines[row])


def test_where_no_event_is_a_true_one_there_is_no_error() -> None:
    none = replace(FOUND, rules={"gate": RuleScore(told=2, true=2, matched=0, mean_error_s=None)})
    assert table(none, "person").splitlines()[-1].split() == ["gate", "2", "2", "0.00", "0.00", "-"]
    rules = json.loads(json.dumps(as_json(none)))["rules"]
    assert rules["gate"]["mean_error_s"] is None
