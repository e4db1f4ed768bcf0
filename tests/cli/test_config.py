import json
from pathlib import Path

import pytest

from agent.cli import main
from tests.config.files import EXAMPLE, MINIMAL


@pytest.fixture(params=["en", "vi"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CAMERA_AGENT_LANG", request.param)
    return str(request.param)


def explained(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["config", "explain", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_a_setting_is_explained_with_its_place(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, "cameras.rules.loitering.after", "--config", str(EXAMPLE))
    line = next(n for n, text in enumerate(EXAMPLE.read_text(encoding="utf-8").splitlines(), 1) if "loitering," in text)
    assert f"3m  ({EXAMPLE}:{line}, cameras[0].rules[2].after)" in told
    assert "after: 1m" in told
    wanted = ("How long is too long", "duration up to 1d", "default") if language == "en" else (
        "Bao lâu là quá lâu", "thời gian đến 1d", "mặc định")  # fmt: skip
    assert [word for word in wanted if word not in told] == []


def test_what_is_not_set_says_that_the_default_counts(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    told = explained(capsys, "footage.budget", "--config", str(file))
    assert ("the default counts" if language == "en" else "dùng giá trị mặc định") in told
    gone = explained(capsys, "footage.budget", "--config", str(tmp_path / "none.yaml"))
    assert str(tmp_path / "none.yaml") in gone and "8GB" in gone


def test_all_settings_of_one_name_are_listed(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, "after", "--config", str(EXAMPLE))
    assert "cameras.rules.loitering.after" in told and "[3m]" in told and "cameras.idle.after" in told


def test_a_key_that_is_none_is_refused_with_what_was_meant(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, "footage.budgt", code=78)
    assert "footage.budget?" in told


def test_without_a_key_all_sections_are_listed(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys)
    assert [
        name for name in ("node", "mqtt", "cameras", "retention", "notice") if f"\n{name} " not in f"\n{told}"
    ] == []
    assert ("Who this node is." if language == "en" else "Thiết bị này là ai.") in told


def test_secrets_in_addresses_are_starred(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yaml"
    secret = "hunter2"
    file.write_text(MINIMAL.replace("/main", f"/{secret}?key={secret}"), encoding="utf-8")
    for words in (["explain", "cameras.source"], ["explain", "cameras"], ["explain", "source", "--json"], ["show"]):
        assert main(["config", *words, "--config", str(file)]) == 0
        told = capsys.readouterr().out
        assert secret not in told, words
        assert "192.168.1.64" in told or words == ["explain", "cameras"]


def test_programs_get_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = json.loads(explained(capsys, "footage.budget", "--json", "--config", str(EXAMPLE)))
    assert told["about"] == {
        "en": "Footage never takes more.", "vi": "Hình ghi không bao giờ chiếm nhiều hơn mức này.",
    }  # fmt: skip
    assert (told["default"], told["now"][0]["value"]) == ("8GB", "16GB")


def test_show_prints_what_runs(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(MINIMAL.replace("  id: node-1\n", f"  id: node-1\n  data_dir: {tmp_path}/data\n"), encoding="utf-8")
    assert main(["config", "show", "--config", str(file)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("# the file" if language == "en" else "# tệp")
    again = tmp_path / "again.yaml"
    again.write_text(shown.replace("192.168.1.64/***", "192.168.1.64/main"), encoding="utf-8")
    assert main(["check-config", str(again)]) == 0, "what is shown is a configuration"
    capsys.readouterr()
    assert main(["config", "show", "--config", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["source"] == "file"
