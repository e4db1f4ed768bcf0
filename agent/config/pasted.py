"""What word processors, chat programs and telephones put into a configuration that looks right and is not.

Spaces that are none, quotes that are none, dashes that are none, tabs in front of a line. Each becomes a fault with its
place and the line as it should be, and is read as it was meant, so that the other mistakes are told as well. Only where
YAML reads the character is it changed: a quotation in a label stays as it is.
"""

import re
from collections.abc import Iterator

from agent.config.quoting import as_written
from agent.config.syntax import TAB, Fault
from agent.i18n import Text

LONGEST = 1000  # characters of a line that is looked at
_ODD = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # spaces that YAML takes for letters
_ZERO = "\u00ad\u200b-\u200f\u2060\ufeff"  # nothing to be seen
_LEAD = re.compile(rf"[ \t{_ODD}{_ZERO}]*")
_DASH = re.compile(rf"[‐‑‒–—−•·●▪*](?=[ {_ODD}])")
_KEY = re.compile(rf"(?:- +)?[A-Za-z_][\w-]*[ {_ODD}]*([:：])([ \t{_ODD}{_ZERO}]*)")
_QUOTED = re.compile(
    rf"(?:(?<=[:,\[{{])|(?<=[:,\[{{][ {_ODD}]))([“”„‟«])([^“”„‟«»\"]*)([“”„‟»])(?=[ {_ODD}]*(?:[,\]}}]|$|#))"
    rf"|(?:(?<=[:,\[{{])|(?<=[:,\[{{][ {_ODD}]))([‘’‚‛])([^‘’‚‛']*)([‘’‛])(?=[ {_ODD}]*(?:[,\]}}]|$|#))"
)
_FREE = re.compile(r"\s*(?:- +)?(?:label|purpose|controller|contact)\s*:")  # texts for people: quotes may be meant
_SPACE = Text(
    en="here stands a character that looks like a space and is none (pasted from a chat or a document?)",
    vi="ở đây có ký tự trông như dấu cách nhưng không phải (dán từ Zalo hay Word?)",
)
_UNSEEN = Text(
    en="here stands a character that cannot be seen (pasted from a chat or a document?)",
    vi="ở đây có ký tự vô hình (dán từ Zalo hay Word?)",
)
_QUOTES = Text(
    en="these are curly quotes (pasted from a chat or a document?); YAML knows \" and ' only",
    vi="đây là dấu nháy cong (dán từ Zalo hay Word?); YAML chỉ hiểu \" và '",
)
_LONG_DASH = Text(
    en="this dash is not the one of the keyboard (pasted from a chat or a document?)",
    vi="dấu gạch này không phải dấu - trên bàn phím (dán từ Zalo hay Word?)",
)
_WIDE_COLON = Text(en="this colon is not the one of the keyboard", vi="dấu hai chấm này không phải dấu : trên bàn phím")


def straighten(text: str) -> tuple[str, list[Fault]]:
    """The text as it was meant, line by line the same, and what was wrong: the first of each kind, the rest counted."""
    lines = text.split("\n")
    first: dict[str, tuple[int, int, Text]] = {}
    more: dict[str, int] = {}
    for index, line in enumerate(lines):
        if (line.isascii() and "\t" not in line) or len(line) > LONGEST:
            continue
        for col, told, straight in _steps(line):
            more[told.en] = more.get(told.en, 0) + 1
            first.setdefault(told.en, (index, col, told))
            lines[index] = straight
    faults = []
    for index, col, told in first.values():
        hint = as_written(index + 1, lines[index])
        rest = more[told.en] - 1
        if rest:
            hint = Text(en=f"{hint.en}, and {rest} more lines likewise", vi=f"{hint.vi}, và {rest} dòng nữa cũng vậy")
        faults.append(Fault((), index + 1, col, told, hint))
    return "\n".join(lines), faults


def _steps(line: str) -> Iterator[tuple[int, Text, str]]:
    """One kind after the other: the column (from 1), what it is, and the line without it."""
    lead = _LEAD.match(line)
    front = lead.group() if lead is not None else ""
    body = line[len(front) :]
    if not body.strip() or body.startswith("#"):
        return  # an empty line or a comment: nothing is read there
    offset = len(front)
    if front.strip(" "):
        col = next(index for index, letter in enumerate(front) if letter != " ")
        told = TAB if front[col] == "\t" else _UNSEEN if re.match(f"[{_ZERO}]", front[col]) else _SPACE
        front = re.sub(f"[{_ODD}]", " ", re.sub(f"[{_ZERO}]", "", front)).replace("\t", "  ")
        yield col + 1, told, front + body
    if _DASH.match(body):
        body = "-" + re.sub(f"^[{_ODD}]", " ", body[1:])
        yield offset + 1, _LONG_DASH, front + body
    key = _KEY.match(body)
    if key is not None and (key.group(1) == "：" or key.group(2).strip(" \t")):
        at = key.start(1)
        told = _WIDE_COLON if key.group(1) == "：" else _SPACE
        body = f"{body[:at].rstrip(chr(160) + ' ')}: {body[key.end() :]}"
        yield offset + (at if told is _WIDE_COLON else key.start(2)) + 1, told, front + body
    if not _FREE.match(front + body):
        quoted = _QUOTED.search(body)
        if quoted is not None:
            body = _QUOTED.sub(_straight, body)
            yield offset + quoted.start() + 1, _QUOTES, front + body


def _straight(match: re.Match[str]) -> str:
    return f'"{match.group(2)}"' if match.group(1) else f"'{match.group(5)}'"
