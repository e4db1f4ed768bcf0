"""Reads one field at a time out of a JSON object, and says in words what is wrong with it.

Unknown fields are never looked at.
"""

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from .words import Refusal, Words

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
INTEGERS = range(-(2**63), 2**63)
MOST_ITEMS = 1000  # of one list


class Fields:
    """One JSON object and where in the message it is."""

    def __init__(self, tree: object, path: str = "") -> None:
        if not isinstance(tree, dict):
            raise _wrong(path or "the message", "an object", "một đối tượng")
        self._tree: dict[str, Any] = tree
        self._path = path

    def has(self, name: str) -> bool:
        """Is it there, and not null?"""
        return self._tree.get(name) is not None

    def text(self, name: str) -> str:
        """Raises Refusal."""
        value = self._tree.get(name)
        if not isinstance(value, str):
            raise _wrong(self._at(name), "a text", "một chuỗi chữ")
        return value

    def one_of(self, name: str, *known: str) -> str:
        """One of a few words."""
        value = self.text(name)
        if value not in known:
            raise _wrong(self._at(name), f"one of {', '.join(known)}", f"một trong {', '.join(known)}")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._tree.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(self._at(name), "a number", "một số")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _wrong(self._at(name), "a finite number", "một số hữu hạn")
        return number

    def whole(self, name: str) -> int:
        """An integer of 64 bit. As in JSON Schema, 1.0 is one."""
        number = self.number(name)
        value = self._tree[name]
        if not number.is_integer() or int(value) not in INTEGERS:
            raise _wrong(self._at(name), "an integer of 64 bit", "một số nguyên 64 bit")
        return int(value)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._tree.get(name)
        if not isinstance(value, bool):
            raise _wrong(self._at(name), "true or false", "true hoặc false")
        return value

    def when(self, name: str) -> datetime:
        """A time as the contract writes it: UTC with milliseconds."""
        value = self.text(name)
        try:
            if UTC.fullmatch(value):
                return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        except ValueError:
            pass
        raise _wrong(self._at(name), "a time like 2026-03-05T07:30:00.250Z", "giờ dạng 2026-03-05T07:30:00.250Z")

    def part(self, name: str) -> "Fields":
        """An object within."""
        return Fields(self._tree.get(name), self._at(name))

    def parts(self, name: str) -> "Iterator[Fields]":
        """A list of objects; none when it is left out."""
        for index, item in enumerate(self._list(name)):
            yield Fields(item, f"{self._at(name)}[{index}]")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty when it is left out."""
        items = self._list(name)
        if not all(isinstance(item, str) for item in items):
            raise _wrong(self._at(name), "a list of texts", "danh sách chuỗi chữ")
        return tuple(items)

    def numbers(self, name: str, many: int) -> tuple[float, ...]:
        """A list of so many finite numbers."""
        items = self._list(name)
        if len(items) != many:
            raise _wrong(self._at(name), f"{many} numbers", f"{many} số")
        row = Fields({str(index): item for index, item in enumerate(items)}, self._at(name))
        return tuple(row.number(str(index)) for index in range(many))

    def maybe_text(self, name: str) -> str | None:
        """None when it is left out; so all of these."""
        return self.text(name) if self.has(name) else None

    def maybe_number(self, name: str) -> float | None:
        """As `number`."""
        return self.number(name) if self.has(name) else None

    def maybe_whole(self, name: str) -> int | None:
        """As `whole`."""
        return self.whole(name) if self.has(name) else None

    def maybe_when(self, name: str) -> datetime | None:
        """As `when`."""
        return self.when(name) if self.has(name) else None

    def maybe_part(self, name: str) -> "Fields":
        """As `part`; without it an object without fields."""
        return self.part(name) if self.has(name) else Fields({}, self._at(name))

    def as_json(self, name: str = "") -> str:
        """JSON text of one field, or of the whole object, with what is not known here."""
        tree = self._tree.get(name) if name else self._tree
        try:
            return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        except RecursionError as error:
            raise _wrong(self._at(name), "less deep", "ít tầng hơn") from error

    def _list(self, name: str) -> list[Any]:
        value = self._tree.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise _wrong(self._at(name), f"a list of at most {MOST_ITEMS}", f"danh sách không quá {MOST_ITEMS} mục")
        return value

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _wrong(path: str, en: str, vi: str) -> Refusal:
    return Refusal("schema", Words(en=f"{path} should be {en}", vi=f"{path} phải là {vi}"))
