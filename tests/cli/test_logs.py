"""`camera-agent logs`: what is asked of journalctl, and what is said where there is none."""

import argparse
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.logs import add, options


def parsed(*words: str) -> list[str]:
    parser = add(argparse.ArgumentParser().add_subparsers())
    return options(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), ["--no-pager", "--lines", "200"]),
        (("-f",), ["--follow", "--lines", "200"]),
        (("--since", "1 hour ago"), ["--no-pager", "--since", "1 hour ago"]),
        (("--since", "today", "-n", "5"), ["--no-pager", "--since", "today", "--lines", "5"]),
        (("--level", "error"), ["--no-pager", "--priority", "err", "--lines", "200"]),
        (("--level", "warning", "-n", "0"), ["--no-pager", "--priority", "warning", "--lines", "1"]),
    ],
)
def test_what_is_asked_of_the_journal(words: tuple[str, ...], wanted: list[str]) -> None:
    base = ["--unit", "camera-agent.service", "--output", "short-iso", "--no-hostname"]
    assert parsed(*words) == base + wanted


@pytest.mark.parametrize("words", [("--since", "--vacuum-size=1"), ("--since", ""), ("--level", "loud")])
def test_nothing_slips_in_as_an_option(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        parsed(*words)


def test_without_a_journal_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["logs"]) == 1
    assert "journal" in capsys.readouterr().err


def test_it_shows_what_the_journal_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "journalctl"
    command.write_text('#!/bin/sh\necho "asked $@"\nexit 3\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert main(["logs", "--level", "error"]) == 3
    assert "asked --unit camera-agent.service" in capfd.readouterr().out
