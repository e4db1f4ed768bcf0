"""Does what a message of check-config says, without knowing the case: the judge of bench/config_errors.py."""

import re
from collections.abc import Callable

import yaml

TOKEN = r"`([^`]+)`"


def applied(raw: bytes, line: int, col: int, told: str) -> str | None:
    """The file after the remedy in `told`, which stands at `line`:`col` (from 1); None when it names nothing to do."""
    if "iconv -f UTF-16" in told:
        return raw.decode("utf-16")
    text = raw.decode()
    for pattern, act in _RULES:
        match = re.search(pattern, told)
        if match is not None:
            return act(text, line, col, match, told)
    return None


Act = Callable[[str, int, int, "re.Match[str]", str], str | None]


def _edit(text: str, line: int, new: list[str]) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[: line - 1], *new, *lines[line:]])


def _line(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str | None:
    return None if "…" in match[2] else _edit(text, int(match[1]), [match[2]])


def _delete(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    return _edit(text, line, [])


def _add(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    path = told.partition(":")[0]
    if "." not in path:
        return f"{text.rstrip()}\n{match[1]}\n"
    old = text.split("\n")[line - 1]
    indent = " " * (col + 1 if old.rstrip().endswith(":") else col - 1)
    return _edit(text, line, [old, indent + match[1]])


def _start(text: str, line: int, col: int) -> int:
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + col - 1


def _replace(text: str, line: int, col: int, token: str) -> str | None:
    """The key or the value that begins at the place becomes `token`; the innermost, where several begin there."""
    start = _start(text, line, col)
    spans = [_span(node) for node in _nodes(yaml.compose(text))]
    ends = [end for begin, end in spans if begin == start]
    return text[:start] + token + text[ends[0] :] if ends else None


def _span(node: yaml.Node) -> tuple[int, int]:
    if node.start_mark is None or node.end_mark is None:
        raise ValueError("the parser tells no places")
    return node.start_mark.index, node.end_mark.index


def _nodes(node: yaml.Node | None) -> list[yaml.Node]:
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        inner = [each for item in node.value for each in _nodes(item)]
    elif isinstance(node, yaml.MappingNode):
        inner = [each for pair in node.value for item in pair for each in _nodes(item)]
    if node is None:
        return []
    return [*inner, node] if isinstance(node, yaml.MappingNode) else [node, *inner]


def _word(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str | None:
    return _replace(text, line, col, match[1].strip("`"))


def _in_front(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    start = _start(text, line, col)
    return text[:start] + match[1] + text[start:]


def _instead(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    start = _start(text, line, col)
    return text[:start] + text[start:].replace(match[2], match[1], 1)


def _move(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    moved = text.split("\n")[line - 1].strip()
    return f"{_edit(text, line, []).rstrip()}\n{match[1]}:\n  {moved}\n"


def _undash(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    lead = " " * (col - 1) + "- "
    lines = text.split("\n")
    for index in range(line - 1, len(lines)):
        if not lines[index].startswith(lead):
            break
        lines[index] = lines[index].replace(lead, lead[:-2], 1)
    return "\n".join(lines)


def _dash(text: str, line: int, col: int, match: "re.Match[str]", told: str) -> str:
    lines, lead = text.split("\n"), " " * (col - 1)
    for index in range(line - 1, len(lines)):
        if not lines[index].startswith(lead) or not lines[index].strip():
            break
        lines[index] = lead + ("- " if index == line - 1 else "  ") + lines[index][col - 1 :]
    return "\n".join(lines)


_RULES: tuple[tuple[str, Act], ...] = (
    (rf"(?:write line|hãy ghi dòng) (\d+) (?:as|là) {TOKEN}", _line),
    (rf"(?:add|hãy thêm) {TOKEN}", _add),
    (r"each item begins with `- `|mỗi phần tử bắt đầu bằng `- `", _dash),
    (r"take the dashes away|hãy bỏ dấu gạch", _undash),
    (rf"(?:write|hãy ghi) {TOKEN} (?:in front of it|ở đầu)", _in_front),
    (rf"(?:begin it with|hãy bắt đầu bằng) {TOKEN} (?:instead of|thay cho) {TOKEN}", _instead),
    (rf"(?:it belongs into|nằm trong mục) {TOKEN}", _move),
    (r"(?:did you mean|có phải ý bạn là) (.+?)\?", _word),
    (r"(?:in quotes|without quotes|a point|trong dấu nháy|không có dấu nháy|dấu chấm): (\S+)$", _word),
    (r"(?:write one of|hãy ghi một trong): ([^,]+)", _word),
    (r"delete one of the two|hãy xoá một trong hai|delete it;|hãy xoá;|delete the line|hoặc xoá dòng này", _delete),
    (r"(?:write the unit too, like|hãy ghi cả đơn vị, ví dụ) (\S+)$", _word),
    (rf"{TOKEN}$", _word),
)
