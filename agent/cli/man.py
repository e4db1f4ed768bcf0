"""The man page, made from the parsers, in both languages: `python -m agent.cli.man docs/reference` writes it.

A test holds the kept pages to what this makes. `man -l docs/reference/camera-agent.1`, `…/vi/camera-agent.1`.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.cli.tree import Command, Option, tree
from agent.i18n import Language, Text

PAGES: tuple[tuple[str, Language], ...] = (("camera-agent.1", "en"), ("vi/camera-agent.1", "vi"))
_COMMAND = Text(en="COMMAND", vi="LỆNH")
_NAME = Text(en="NAME", vi="TÊN")
_SYNOPSIS = Text(en="SYNOPSIS", vi="CÚ PHÁP")
_COMMANDS = Text(en="COMMANDS", vi="CÁC LỆNH")
_ENDS = Text(en="EXIT STATUS", vi="MÃ KẾT THÚC")
_CODES = Text(
    en="0: done. 1: failed. 2: wrong usage. 78: mistakes in the configuration.",
    vi="0: xong. 1: không làm được. 2: dùng sai cách. 78: cấu hình có lỗi.",
)
_FILES = Text(en="FILES", vi="CÁC TỆP")
_WHERE = Text(en="/etc/camera-agent/config.yaml: the configuration.", vi="/etc/camera-agent/config.yaml: tệp cấu hình.")
_LANGUAGE = Text(en="ENVIRONMENT", vi="BIẾN MÔI TRƯỜNG")
_SPEAKS = Text(
    en="CAMERA_AGENT_LANG: vi or en, before LC_ALL, LC_MESSAGES and LANG.",
    vi="CAMERA_AGENT_LANG: vi hoặc en, được xét trước LC_ALL, LC_MESSAGES và LANG.",
)


def page(language: Language) -> str:
    """The whole page. The parsers speak the language of the environment, which is set for the while."""
    from agent.cli import build  # noqa: PLC0415 - loads every command

    before, width = os.environ.get("CAMERA_AGENT_LANG"), os.environ.get("COLUMNS")
    os.environ.update({"CAMERA_AGENT_LANG": language, "COLUMNS": "1000"})
    try:
        return "\n".join(_lines(tree(build()), language)) + "\n"
    finally:
        for name, value in (("CAMERA_AGENT_LANG", before), ("COLUMNS", width)):
            os.environ.pop(name)
            os.environ.update({} if value is None else {name: value})


def _lines(whole: Command, language: Language) -> Iterator[str]:
    yield '.\\" Made by agent/cli/man.py; do not edit.'
    yield '.TH CAMERA\\-AGENT 1 "" "camera\\-agent" ""'
    yield f'.SH "{_NAME.say(language)}"'
    yield f"camera\\-agent \\- {_safe(whole.help)}"
    yield f'.SH "{_SYNOPSIS.say(language)}"'
    yield f"\\fBcamera\\-agent\\fR [\\fB\\-h\\fR] \\fI{_COMMAND.say(language)}\\fR ..."
    yield f'.SH "{_COMMANDS.say(language)}"'
    for each in whole.walk():
        if not each.words:
            continue
        yield f'.SS "camera\\-agent {_safe(" ".join(each.words))}"'
        yield _safe(each.help)
        yield ".PP"
        yield _usage(each)
        for option in each.options:
            yield ".TP"
            yield _option(option)
            yield _safe(option.help) or "\\&"
    for title, text in ((_ENDS, _CODES), (_FILES, _WHERE), (_LANGUAGE, _SPEAKS)):
        yield f'.SH "{title.say(language)}"'
        yield _safe(text.say(language))


def _usage(each: Command) -> str:
    # Not argparse's: its brackets differ from one Python to the next.
    parts = [f"[{_option(option, 1)}]" if option.flags else _option(option) for option in each.options]
    parts += ["|".join(_safe(below.words[-1]) for below in each.inner)] if each.inner else []
    return " ".join((f"\\fBcamera\\-agent {_safe(' '.join(each.words))}\\fR", *parts))


def _option(option: Option, names: int = 9) -> str:
    flags = ", ".join(f"\\fB{_safe(flag)}\\fR" for flag in option.flags[:names])
    takes = f"\\fI{_safe(option.takes)}\\fR" if option.takes else ""
    return " ".join(part for part in (flags, takes) if part)


def _safe(words: str) -> str:
    """For troff: backslashes and dashes are meant as such, no line begins with a command."""
    told = " ".join(words.replace("%%", "%").split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{told}" if told.startswith((".", "'")) else told


def main(folder: Path) -> None:
    """Write both."""
    for name, language in PAGES:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
