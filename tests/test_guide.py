"""The guides name only commands that exist, and both languages name the same ones."""

import argparse
import importlib
import re
from pathlib import Path

import pytest

from agent.cli import COMMANDS

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.rglob("*.md"))
# config.md is made from the code, in English only.
ENGLISH = [path for path in PAGES if path.name != "config.md" and not path.name.endswith(".vi.md")]
CODE = re.compile(r"^```.*?\n(.*?)^```|^ {4}(\S.*)$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<![\w/.-])camera-agent (?!camera-agent )([a-z][a-z-]*)([^;|&)\n]*)")
SCRIPT = re.compile(r"(?<![\w/.])deploy/[a-z]+\.sh")
BENCH = re.compile(r"python -m bench ([a-z_]+)")


def code_of(path: Path) -> list[str]:
    return ["".join(groups) for groups in CODE.findall(path.read_text(encoding="utf-8"))]


def calls_of(path: Path) -> list[tuple[str, str]]:
    return [call for code in code_of(path) for call in CALL.findall(code)]


def options_of(command: str) -> set[str]:
    module = importlib.import_module(f"agent.cli.{command.replace('-', '_')}")
    parser: argparse.ArgumentParser = module.add(argparse.ArgumentParser().add_subparsers())
    deeper = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    parsers = [parser, *(one for choices in deeper for one in choices.values())]
    return {option for one in parsers for option in re.findall(r"--[a-z][a-z-]*", one.format_help())}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(GUIDE)))
def test_every_command_and_option_exists(path: Path) -> None:
    for command, rest in calls_of(path):
        assert command.replace("-", "_") in COMMANDS, f"camera-agent {command}"
        unknown = set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)) - options_of(command)
        assert unknown == set(), f"camera-agent {command}{rest}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(GUIDE)))
def test_every_script_and_bench_exists(path: Path) -> None:
    text = "\n".join(code_of(path))
    missing = [name for name in SCRIPT.findall(text) if not (ROOT / name).is_file()]
    missing += [name for name in BENCH.findall(text) if not (ROOT / "bench" / f"{name}.py").is_file()]
    assert missing == []


def test_the_installation_and_the_checklist_name_commands() -> None:
    named = {path.name: {command for command, _ in calls_of(path)} for path in PAGES}
    assert {"check-config", "probe", "status"} <= named["install-pi.md"]
    assert {"check-config", "probe", "status", "watch", "version"} <= named["hardware-check.md"]


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: str(path.relative_to(GUIDE)))
def test_both_languages_name_the_same_commands(path: Path) -> None:
    other = path.with_name(f"{path.stem}.vi.md")
    assert {command for command, _ in calls_of(path)} == {command for command, _ in calls_of(other)}


def test_the_checklist_is_the_same_in_both_languages() -> None:
    def tables(name: str) -> list[int]:
        text = (GUIDE / name).read_text(encoding="utf-8")
        return [len(re.findall(r"^\| .* \| \|$", part, re.MULTILINE)) for part in text.split("\n## ")]

    assert tables("hardware-check.md") == tables("hardware-check.vi.md")
    assert sum(tables("hardware-check.md")) > 60
