"""Each fault code has a page in both languages that says what the catalogue says, and no page is left over."""

import re
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.fault import for_terminal
from agent.contract.fault_pages import CHECKOUT, page_command, page_link, read_page
from agent.contract.faults import CODES, ENTRIES, describe, fault_message
from agent.errors import AgentError
from agent.i18n import Language, Text
from agent.values import Severity

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/guide/faults"
HEADINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        "What it means",
        "What the node does meanwhile",
        "Likely causes, the likeliest first",
        "What to do",
        "How you see that it is mended",
    ),
    "vi": (
        "Lỗi này là gì",
        "Trong lúc đó thiết bị làm gì",
        "Nguyên nhân, hay gặp nhất xếp trước",
        "Làm gì, từng bước",
        "Làm sao biết đã sửa xong",
    ),
}
GRADES = {
    Severity.ALERT: Text(en="Serious", vi="Nghiêm trọng"),
    Severity.WARNING: Text(en="Warning", vi="Cảnh báo"),
    Severity.INFO: Text(en="Note", vi="Lưu ý"),
}
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


def parts(code: str, language: Language) -> dict[str, str]:
    found = re.split(r"^## (.*)$", read_page(code, language), flags=re.MULTILINE)
    return {title: text.strip() for title, text in zip(found[1::2], found[2::2], strict=True)}


def test_there_is_a_page_for_each_code_and_no_other() -> None:
    names = {path.name for path in PAGES.iterdir()}
    wanted = {f"{code}{ending}" for code in CODES | {"README"} for ending in (".md", ".vi.md")}
    assert names == wanted


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_page_says_all_that_a_person_needs(code: str) -> None:
    severity, text, _ = ENTRIES[code]
    counts: dict[str, list[int]] = {}
    for language in ("vi", "en"):
        lines = read_page(code, language).splitlines()
        assert lines[0] == f"# {code}: {text.say(language)}"
        assert lines[2].startswith(f"*{GRADES[severity].say(language)}*")
        found = parts(code, language)
        assert tuple(found) == HEADINGS[language]
        assert all(len(part) >= 20 for part in found.values()), found
        counts[language] = [len(re.findall(r"^\d+\. ", part, re.MULTILINE)) for part in found.values()]
        body = "\n".join(found.values())
        assert bool(VIETNAMESE.search(body)) == (language == "vi")
        assert "camera-agent" in body or "sudo" in body, "it names a command"
    assert counts["vi"] == counts["en"]
    assert counts["en"][3] >= 2 or code == "config_store", "steps"


def test_no_two_pages_say_the_same() -> None:
    for language in ("vi", "en"):
        said = [parts(code, language)[HEADINGS[language][0]] for code in sorted(CODES)]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_index_names_every_code_with_its_words(language: Language) -> None:
    ending = ".vi.md" if language == "vi" else ".md"
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)\) \| (\S.*?) \| (.*) \|$", (PAGES / f"README{ending}").read_text(), re.M)
    assert {code: (link, grade, words) for code, link, grade, words in rows} == {
        code: (f"{code}{ending}", GRADES[severity].say(language), text.say(language))
        for code, (severity, text, _) in ENTRIES.items()
    }


def test_the_message_names_the_page() -> None:
    for code in CODES:
        message = fault_message(describe(code), 0)
        assert message.page == page_link(code) and (ROOT / message.page).is_file()
    assert CHECKOUT == PAGES


def test_the_command_prints_the_page_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    assert main(page_command("power_weak").split()[1:]) == 0
    told = capsys.readouterr().out
    assert told.startswith("power_weak: Nguồn điện") and "](" not in told and "`" not in told
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    assert main(["fault", "POWER-WEAK"]) == 0 and "supply" in capsys.readouterr().out
    assert main(["fault"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()[:-2]} == CODES
    assert main(["fault", "power_wek"]) == 1
    assert "did you mean power_weak?" in capsys.readouterr().err


def test_long_lines_are_wrapped_and_stay_under_their_number() -> None:
    told = for_terminal("# a: b\n\n*x* · [y](y.md)\n\n## Head\n\n1. " + "word " * 30 + "\n", 50)
    lines = told.splitlines()
    assert lines[:3] == ["a: b", "", "HEAD"] and max(map(len, lines)) <= 50
    assert lines[4].startswith("1. word") and lines[5].startswith("   word")


def test_lines_of_one_paragraph_are_wrapped_as_one() -> None:
    told = for_terminal("# a: b\n\n## Head\nshort\nlines, two\n\n1. one\n   goes on\n2. two\n", 50)
    assert told.splitlines() == ["a: b", "", "HEAD", "short lines, two", "", "1. one goes on", "2. two"]


def test_an_installation_without_pages_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("agent.contract.fault_pages.CHECKOUT", tmp_path)
    monkeypatch.setattr("agent.contract.fault_pages.PACKED", tmp_path)
    with pytest.raises(AgentError, match=r"docs/guide/faults/disk_full\.md"):
        read_page("disk_full", "en")
