"""What YAML cannot read is told with the line as it should be; nothing that may be secret is repeated."""

from pathlib import Path

import pytest

from agent.config import mending
from agent.config.document import read_document
from agent.config.mending import LONGEST
from agent.config.pasted import straighten
from agent.config.quoting import shown_line
from bench.config_errors import run
from tests.config.files import MINIMAL, mistakes_in


def test_every_kind_of_mistake_has_its_place_and_a_remedy_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(quick=True)
    assert figures["failed"] == []
    assert figures["kinds"] == figures["with_place"] == figures["with_remedy"]
    assert isinstance(figures["kinds"], int) and figures["kinds"] >= 50
    assert capsys.readouterr().out.count("yes") == 2 * figures["kinds"]


@pytest.mark.parametrize(
    "wrong",
    [
        "  password hunter2\n",
        "  password_file: hunter2: x\n",
        '  url: "mqtts://a:hunter2@host\n',
        "\turl: mqtts://a:hunter2@host\n",
        "  token: “hunter2”\n",
        "  {password: hunter2\n",
        "   wifi: [hunter2\n",
        "  label: @hunter2@\n  x: {password: hunter2\n",
    ],
)
def test_a_secret_in_a_broken_line_is_not_repeated(wrong: str, tmp_path: Path) -> None:
    mistakes = mistakes_in(MINIMAL.replace("  id: node-1\n", f"  id: node-1\n{wrong}"), tmp_path)
    assert mistakes
    for mistake in mistakes:
        assert "hunter2" not in mistake.say("en") + mistake.say("vi")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  label: Chợ  # ghi chú", "  label: Chợ"),
        ("  url: mqtts://h", "  url: …"),
        ("  san: [[0.1, 0.5]]", "  san: [[0.1, 0.5]]"),
        ("  san: geheim", "  san: …"),
        ("  - {rule: intrusion, zone: san}", "  - {rule: intrusion, zone: san}"),
        ("  x: {rule: intrusion, psk: san}", "  x: …"),
        ("geheim", "…"),
        ("  id: a\u2028b", "…"),
        ("  id: a\x1b[2J", "…"),
        ("label: " + "a" * 200, "label: …"),
    ],
)
def test_a_line_is_shown_as_far_as_it_may_be(line: str, told: str) -> None:
    assert shown_line(line) == told


def test_what_was_pasted_is_read_as_it_was_meant_so_that_the_rest_is_told_too(tmp_path: Path) -> None:
    text = MINIMAL.replace("  ward: phuong-1", "\u00a0\u00a0ward:\u00a0“phuong-1”").replace(
        "max_days: 30", "max_days: 0"
    )
    told = [(each.line, each.col) for each in mistakes_in(text, tmp_path)]
    assert (6, 23) in told and {line for line, _ in told} == {2, 6}


def test_quotes_in_a_text_for_people_stay(tmp_path: Path) -> None:
    text = MINIMAL.replace("  id: node-1\n", "  id: node-1\n  label: “Chợ” Bến\u00a0Thành – cổng\n")
    assert mistakes_in(text, tmp_path) == ()
    assert read_document(text).data["node"]["label"] == "“Chợ” Bến\u00a0Thành – cổng"
    assert straighten("# “a”\u00a0\n\u00a0\n") == ("# “a”\u00a0\n\u00a0\n", [])


def test_many_lines_with_the_same_are_one_mistake(tmp_path: Path) -> None:
    tabs = MINIMAL.replace("  ", "\t")
    first = mistakes_in(tabs, tmp_path)[0]
    assert (first.line, first.col) == (2, 1)
    assert "and 9 more lines likewise" in first.say("en") and "và 9 dòng nữa" in first.say("vi")


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * LONGEST,
        "a: 1\n" * 590 + "  b 'c\n" * 300,
        ("x " * 140 + "\n") * 2_000 + "]",
        "\t“" * 60_000 + "]",
        "a: [" + "'\",]}" * 60 + "\n",
    ],
)
def test_looking_for_a_remedy_ends(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    gets_past = mending._gets_past

    def counted(lines: list[str], line: int) -> bool:
        tried.append(sum(map(len, lines)))
        return gets_past(lines, line)

    monkeypatch.setattr(mending, "_gets_past", counted)
    read_document(text)
    assert len(tried) < 400
    assert all(size <= mending.LARGEST for size in tried)
