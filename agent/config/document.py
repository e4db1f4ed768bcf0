"""A YAML text becomes plain values with the place of each: the part of YAML that a configuration needs, and no more.

Anchors, aliases, merge keys, tags and second documents are refused (they hide what a file says, or blow it up).
Plain scalars are read as YAML 1.2 does: `on`, `yes`, `22:00`, `007` are text. Depth and size are capped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from agent.config.mending import mended
from agent.config.pasted import straighten
from agent.config.quoting import shown_line
from agent.config.syntax import SPACE, Fault, fault_of
from agent.config.units import Step, shown
from agent.i18n import Text

MAX_DEPTH = 16
MAX_NODES = 5_000
Path = tuple[Step, ...]
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})?\.[0-9]{1,30}|[-+]?[1-9][0-9]{0,17}\.")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = ("", "~", "null", "Null", "NULL")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]")


class Mark(NamedTuple):
    """A place in the text, counted from 1."""

    line: int
    col: int


@dataclass
class Document:
    """The values, where each value and each key stands, and what could not be read."""

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True  # False: reading stopped before the end, so that what is missing may only be unread


def read_document(text: str) -> Document:
    """The document in `text`. Never raises: what is wrong stands in `faults`."""
    text, pasted = straighten(text)
    document = Document(faults=pasted)
    composer = _Composer(yaml.parse(text, Loader=yaml.SafeLoader), document)
    try:
        composer.compose()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML lets chr() raise ValueError for "\UFFFFFFFF".
        document.faults.append(mended(text, fault_of(error, text, composer.at)))
        document.whole = False
    return document


class _Composer:
    """Builds values from parser events, so that depth is checked before anything is nested."""

    def __init__(self, events: Iterator[Any], document: Document) -> None:
        self._events = events
        self._document = document
        self._nodes = 0
        self.at = Mark(1, 1)  # how far the parser came

    def compose(self) -> None:
        """Read all events."""
        self._next()  # stream start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return
        self._document.data = self._value((), self._next())
        self._next()  # document end
        event = self._next()
        if isinstance(event, yaml.DocumentStartEvent):
            self._fault((), self.at, _SECOND)

    def _next(self) -> Any:
        event = next(self._events)
        self.at = _mark(event)
        return event

    def _fault(self, path: Path, mark: Mark, what: tuple[Text, Text | None]) -> None:
        self._document.faults.append(Fault(path, mark.line, mark.col, what[0], what[1]))

    def _value(self, path: Path, event: Any) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(path) > MAX_DEPTH:
            mark = _mark(event)
            raise _TooMuch(Fault(path[:4], mark.line, mark.col, *(_DEEP if len(path) > MAX_DEPTH else _LARGE)))
        self._document.values[path] = _mark(event)
        self._refuse_magic(path, event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._scalar(path, event) if isinstance(event, yaml.ScalarEvent) else None

    def _refuse_magic(self, path: Path, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._fault(path, _mark(event), (_ALIAS[0], _instead_of(event.anchor)))
        elif getattr(event, "anchor", None) is not None:
            self._fault(path, _mark(event), (_ANCHOR[0], _without(event.anchor)))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(path, _mark(event), _SECRET if "secret" in tag else _TAG)

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value((*path, len(items)), event))
            if _is_empty(event):
                self._fault((*path, len(items) - 1), _mark(event), _EMPTY)
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            mark = _mark(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._fault(path, mark, _KEY)
                self._value((*path, "?"), event)
                self._value((*path, "?"), self._next())
                continue
            self._refuse_magic(path, event)
            key = event.value
            inner = (*path, key)
            if _HIDDEN.search(key) or key == "<<":
                self._fault(path, mark, _ALIAS if key == "<<" else _CONTROL)
                self._value((*path, "?"), self._next())
                continue
            if key in found:
                first = self._document.keys[inner].line
                self._fault(inner, mark, _twice(key, first))
                self._value((*path, "?"), self._next())
                continue
            self._document.keys[inner] = mark
            event = self._next()
            found[key] = self._value(inner, event)
            if _is_empty(event):
                self._fault(inner, mark, _joined(key) or _EMPTY)
        return found

    def _scalar(self, path: Path, event: Any) -> Any:
        text = event.value
        if _HIDDEN.search(text):
            self._fault(path, _mark(event), _CONTROL)
            return None
        if not event.implicit[0] or text in _NOTHING:
            return None if event.implicit[0] else text
        if text in _WORDS:
            return _WORDS[text]
        if _NO_NUMBER.fullmatch(text):
            self._fault(path, _mark(event), _ENDLESS)
            return None
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text


class _TooMuch(yaml.YAMLError):
    """The file is too deep or too large to go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text.en)
        self.fault = fault


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _is_empty(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == ""


def _instead_of(name: str | None) -> Text:
    name = shown(name or "")[1:-1]
    return Text(
        en=f"write the values out: what `&{name}` stands for, instead of `*{name}`",
        vi=f"hãy ghi thẳng giá trị của `&{name}` thay cho `*{name}`",
    )


def _without(name: str | None) -> Text:
    name = shown(name or "")[1:-1]
    return Text(
        en=f"take `&{name}` away; if it is a text that begins with &, put it in quotes",
        vi=f"hãy bỏ `&{name}`; nếu là chữ bắt đầu bằng &, hãy đặt trong dấu nháy",
    )


def _joined(key: str) -> tuple[Text, Text | None] | None:
    # `{max_days:30}` is one long key for YAML.
    name, colon, value = key.partition(":")
    if not colon or not value or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return None
    line = shown_line(f"{name}: {value}")
    return SPACE, Text(en=f"write `{line}`", vi=f"hãy ghi `{line}`")


def _twice(key: str, line: int) -> tuple[Text, Text | None]:
    return (
        Text(
            en=f"{shown(key)} stands twice, first on line {line}",
            vi=f"{shown(key)} bị ghi hai lần, lần đầu ở dòng {line}",
        ),
        Text(en="delete one of the two", vi="hãy xoá một trong hai"),
    )


_ALIAS = (
    Text(
        en="aliases (*name) and merge keys (<<) are not allowed", vi="không được dùng bí danh (*tên) và khoá gộp (<<)"
    ),
    Text(en="write the values out", vi="hãy ghi thẳng giá trị ra"),
)
_ANCHOR = (Text(en="anchors (&name) are not allowed", vi="không được dùng neo (&tên)"), None)
_TAG = (
    Text(en="tags (!name) are not allowed", vi="không được dùng thẻ (!tên)"),
    Text(en="if a text begins with !, put it in quotes", vi="nếu là chữ bắt đầu bằng !, hãy đặt trong dấu nháy"),
)
_SECRET = (
    Text(en="!secret is not known here", vi="ở đây không có !secret"),
    Text(
        en="put the password in a file of its own and name it under `password_file`",
        vi="hãy ghi mật khẩu vào một tệp riêng và ghi đường dẫn tệp đó vào `password_file`",
    ),
)
_KEY = (Text(en="a key must be one word", vi="tên khoá phải là một từ"), None)
_EMPTY = (
    Text(en="nothing is written here", vi="chỗ này chưa ghi gì"),
    Text(
        en="fill it in or delete the line; {} is an empty section, [] an empty list",
        vi="hãy điền vào hoặc xoá dòng này; {} là mục trống, [] là danh sách trống",
    ),
)
_ENDLESS = (
    Text(
        en="no setting can be infinite (.inf) or not a number (.nan)",
        vi="không thiết lập nào nhận vô cực (.inf) hay giá trị không phải số (.nan)",
    ),
    Text(
        en="write a plain number, like 5 or 0.5",
        vi="hãy ghi số thường như 5 hoặc 0.5",
    ),
)
_CONTROL = (
    Text(en="an invisible control character stands in this text", vi="có ký tự điều khiển ẩn ở đây"),
    Text(en="delete it; for a backslash use single quotes", vi="hãy xoá nó; nếu có dấu \\ thì dùng nháy đơn"),
)
_SECOND = (
    Text(en="a second document begins here", vi="một tài liệu thứ hai bắt đầu ở đây"),
    Text(en="delete the line `---` and merge the two", vi="hãy xoá dòng `---` và gộp làm một"),
)
_DEEP = (Text(en="nested too deep", vi="lồng nhau quá sâu"), None)
_LARGE = (Text(en="too many values for a configuration", vi="quá nhiều giá trị cho một tệp cấu hình"), None)
