"""`camera-agent fault CODE`: what a fault means and what to do, offline; without CODE the list of all."""

import argparse
import json
import re
import shutil
import textwrap
from collections.abc import Iterator

from agent.cli.arguments import Subparsers, add_json
from agent.config.units import closest
from agent.contract.fault_pages import page_link, read_page
from agent.contract.faults import CODES, describe
from agent.errors import AgentError
from agent.i18n import Text, locale_language

WIDEST = 100
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
ITEM = re.compile(r"(\d+\.) (.*)")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    text = Text(en="what a fault code means and what to do", vi="mã lỗi nghĩa là gì và phải làm gì")
    parser = subparsers.add_parser("fault", help=str(text))
    which = Text(en="without it: the list of all codes", vi="không ghi: danh sách mọi mã lỗi")
    parser.add_argument("code", nargs="?", metavar="CODE", help=str(which))
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it. Raises AgentError for a code that there is not."""
    if arguments.code is None:
        _list(arguments.json)
        return 0
    code = arguments.code.strip().lower().replace("-", "_")
    if code not in CODES:
        raise _unknown(code)
    if arguments.json:
        told = {language: read_page(code, language) for language in ("vi", "en")}
        print(json.dumps({"code": code, "page": page_link(code)} | told, ensure_ascii=False))
    else:
        print(for_terminal(read_page(code, locale_language()), shutil.get_terminal_size((WIDEST, 24)).columns))
    return 0


def for_terminal(markdown: str, width: int) -> str:
    """Headings in capitals, text wrapped, links without their targets."""
    width = max(40, min(width, WIDEST))
    lines: list[str] = []
    for line in _joined(markdown.splitlines()):
        if line.startswith("*"):  # the line of links to the other language
            continue
        plain = LINK.sub(r"\1", line).replace("`", "")
        item = ITEM.fullmatch(plain)
        if plain.startswith("#"):
            lines.append(plain.lstrip("# ").upper() if plain.startswith("##") else plain.lstrip("# "))
        elif item is not None:
            lines += _indented(item[1], item[2], width)
        else:
            lines += textwrap.wrap(plain, width, break_on_hyphens=False) or [""]
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _joined(source: list[str]) -> Iterator[str]:
    """Lines of the source that are one paragraph or one item, as one line."""
    held: list[str] = []
    for line in source:
        goes_on = line.strip() and not line.startswith(("#", "*")) and ITEM.fullmatch(line) is None
        if held and not (goes_on and held[0].strip() and not held[0].startswith(("#", "*"))):
            yield " ".join(held)
            held = []
        held.append(line.strip() if held else line)
    yield " ".join(held)


def _indented(number: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=f"{number} ", subsequent_indent=" " * (len(number) + 1), break_on_hyphens=False
    )


def _list(as_json: bool) -> None:
    entries = [describe(code) for code in sorted(CODES)]
    if as_json:
        rows = [
            {"code": each.code, "severity": each.severity.value, "vi": each.text.vi, "en": each.text.en,
             "page": page_link(each.code)}
            for each in entries
        ]  # fmt: skip
        print(json.dumps(rows, ensure_ascii=False))
        return
    wide = max(len(each.code) for each in entries)
    for each in entries:
        print(f"{each.code:<{wide}}  {each.text}")
    print()
    print(Text(en="More about one: camera-agent fault CODE", vi="Xem chi tiết: camera-agent fault MÃ"))


def _unknown(code: str) -> AgentError:
    near = closest(code, tuple(sorted(CODES)))
    return AgentError(
        Text(en=f"there is no fault code {code}", vi=f"không có mã lỗi {code}"),
        Text(en=f"did you mean {near}?", vi=f"có phải ý bạn là {near}?")
        if near
        else Text(en="`camera-agent fault` lists all", vi="`camera-agent fault` liệt kê tất cả"),
    )
