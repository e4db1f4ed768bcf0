"""A line that YAML cannot read, as it was probably meant: small changes are tried until the parser gets past it.

PyYAML tells where it noticed, which is often a line too late; the change that helps tells where the mistake is. In:
the text and the parser's fault. Out: the fault with its own place and the line as it should be, or as it was.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from agent.config.quoting import as_written
from agent.config.syntax import BRACKET, ESCAPE, INDENT, QUOTE, SPACE, Fault
from agent.i18n import Text

MOST_LINES = 600  # of the part up to the mistake: each try reads it again
LARGEST = 64_000  # characters of the file
LONGEST = 300  # characters of a line that is tried
BACK = 3  # so many lines before the one where the parser noticed
_KEY = r"[A-Za-z_][\w-]*"
_NO_COLON = re.compile(rf"(\s*(?:- +)?)({_KEY})(?: *= *| +)(?![:=])(\S.*)")
_NO_SPACE = re.compile(rf"(\s*(?:- +)?{_KEY}):([^\s:/].*)")
_VALUE = re.compile(rf"(\s*(?:- +)?{_KEY}: +)(.*?)(\s+#.*)?")
_INNER = re.compile(rf"((?:[{{,]|^)\s*{_KEY}: )([^,{{}}\[\]\"']*(?:: |@|%|`)[^,{{}}\[\]\"']*)")
_CLOSING = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class _Try:
    """One line as it might have been meant, and what was wrong with it then."""

    new: str
    told: Text


def mended(text: str, fault: Fault) -> Fault:
    """`fault`, at its own place and with the line as it should be, where a small change is found that helps."""
    lines = text.split("\n")
    if not 0 < fault.line <= min(len(lines), MOST_LINES) or len(text) > LARGEST:
        return fault
    places = [index for index in range(fault.line - 1, -1, -1) if lines[index].strip()][: BACK + 1]
    for tries, index in itertools.product((_colons, _others), places):
        if lines[index].lstrip().startswith("#") or len(lines[index]) > LONGEST:
            continue
        col = fault.col - 1 if index == fault.line - 1 else None
        for each in tries(lines, index, col):
            if each.new != lines[index] and _gets_past([*lines[:index], each.new, *lines[index + 1 :]], fault.line):
                opened = index == fault.line - 1 and each.told in (BRACKET, QUOTE, ESCAPE)
                at = fault.col if opened else _first_difference(lines[index], each.new)
                return Fault((), index + 1, at, each.told, as_written(index + 1, each.new))
    return fault


def _first_difference(old: str, new: str) -> int:
    indent, other = (len(each) - len(each.lstrip()) for each in (old, new))
    if indent != other:
        return indent + 1
    return next((n for n, (a, b) in enumerate(itertools.zip_longest(old, new), 1) if a != b), 1)


def _gets_past(lines: list[str], line: int) -> bool:
    """Does the parser come further than this line (from 1), or to the end?"""
    try:
        for event in yaml.parse("\n".join(lines), Loader=yaml.SafeLoader):
            if event.start_mark is not None and event.start_mark.line > line:  # counts from 0: two lines further
                return True
    except (yaml.YAMLError, ValueError, OverflowError):
        return False
    return True


def _colons(lines: list[str], index: int, col: int | None) -> Iterator[_Try]:
    del col
    line = lines[index]
    missing = _NO_COLON.fullmatch(line)
    if missing is not None and '"' not in missing.group(2):
        word = missing.group(2)
        told = Text(en=f"a colon is missing behind `{word}`", vi=f"thiếu dấu hai chấm sau `{word}`")
        yield _Try(f"{missing.group(1)}{word}: {missing.group(3)}", told)
    bare = re.fullmatch(rf"(\s*(?:- +)?)({_KEY})\s*", line)
    if bare is not None:
        told = Text(en=f"a colon is missing behind `{bare[2]}`", vi=f"thiếu dấu hai chấm sau `{bare[2]}`")
        yield _Try(f"{bare[1]}{bare[2]}:", told)
    joined = _NO_SPACE.fullmatch(line)
    if joined is not None:
        yield _Try(f"{joined.group(1)}: {joined.group(2)}", SPACE)


def _others(lines: list[str], index: int, col: int | None) -> Iterator[_Try]:
    yield from _indents(lines, index)
    yield from _quotes(lines[index])
    if re.search(r"[\[\]{}]", lines[index]):
        yield from _brackets(lines[index], col)
    yield from _texts(lines[index])


def _indents(lines: list[str], index: int) -> Iterator[_Try]:
    now = len(lines[index]) - len(lines[index].lstrip(" "))
    known: list[int] = []
    for before in [line for line in lines[max(0, index - 60) : index] if line.strip()][::-1]:
        indent = len(before) - len(before.lstrip(" "))
        known += [indent + 2, indent] if before.rstrip().endswith(":") else [indent]
        known += [indent + 2] if before.lstrip().startswith("- ") else []
    for indent in sorted(dict.fromkeys(known), key=lambda each: abs(each - now)):
        if indent != now:
            yield _Try(" " * indent + lines[index].lstrip(" "), INDENT)


def _quotes(line: str) -> Iterator[_Try]:
    body, comment = _without_comment(line)
    for quote in ('"', "'"):
        if body.count(quote) % 2 == 0:
            continue
        yield _Try(f"{body}{quote}{comment}", QUOTE)
        for close in (index for index, letter in enumerate(body) if letter in ",]}" and index > body.rfind(quote)):
            yield _Try(f"{body[:close]}{quote}{body[close:]}{comment}", QUOTE)


def _brackets(line: str, col: int | None) -> Iterator[_Try]:
    body, comment = _without_comment(line)
    opened: list[str] = []
    for letter in body:
        if letter in _CLOSING:
            opened.append(_CLOSING[letter])
        elif opened and letter == opened[-1]:
            opened.pop()
    if opened:
        yield _Try(body + "".join(reversed(opened)) + comment, BRACKET)
    if re.search(r"[\]\d] +[\[\d]", body):
        yield _Try(re.sub(r"([\]\d]) +([\[\d])", r"\1, \2", body) + comment, COMMA)
    if col is not None and 0 < col < len(body):
        yield _Try(f"{body[:col].rstrip()}, {body[col:]}{comment}", COMMA)
        yield _Try(f"{body[:col]}{body[col + 1 :]}{comment}".rstrip(), EXTRA)


COMMA = Text(en="a comma is missing between two items of a list", vi="thiếu dấu phẩy giữa hai phần tử của danh sách")
EXTRA = Text(en="this bracket or comma is one too many", vi="thừa dấu ngoặc hoặc dấu phẩy ở đây")


def _texts(line: str) -> Iterator[_Try]:
    found = _VALUE.fullmatch(line)
    if found is not None and found.group(2):
        value, comment = found.group(2), found.group(3) or ""
        if value.startswith('"') and value.endswith('"') and "'" not in value:
            yield _Try(f"{found.group(1)}'{value[1:-1]}'{comment}", ESCAPE)
        elif '"' not in value:
            yield _Try(f'{found.group(1)}"{value}"{comment}'.replace("\\", "\\\\"), NEEDS_QUOTES)
    inner = _INNER.sub(lambda match: f'{match.group(1)}"{match.group(2).rstrip()}"', line)
    yield _Try(inner, NEEDS_QUOTES)


NEEDS_QUOTES = Text(
    en="this text needs quotes: it holds `: `, or begins with a sign that means something to YAML",
    vi="chữ này phải đặt trong dấu nháy: bên trong có `: `, hoặc bắt đầu bằng ký hiệu có nghĩa riêng trong YAML",
)


def _without_comment(line: str) -> tuple[str, str]:
    found = re.search(r"\s+#.*$", line)
    return (line[: found.start()], found.group()) if found is not None else (line.rstrip(), "")
