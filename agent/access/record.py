"""One line of the log: what is kept of an access, its number, and the hash that ties it to the line before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.clock import Moment
from agent.contract.base import parse_utc, utc
from agent.values import GRANTED, Access

FIRST = "0" * 64  # what the first record of a log follows
LONGEST = 500  # characters of a field; an officer's words are shorter
GRANT = b'"result": "granted"'  # in the line of a grant, and of no other: quotes inside of a text are escaped
LONGEST_REFUSED = 80  # whoever gets nothing can ask all day long, and must not fill the log with words


@dataclass(frozen=True, slots=True)
class Record:
    """`hash` is the sha256 of `before` and of all other fields as canonical JSON."""

    number: int
    at_utc: str
    clock_trusted: bool
    action: str
    by: str
    case: str
    reason: str
    cam: str
    from_utc: str
    to_utc: str
    result: str
    request_id: str
    before: str
    hash: str

    def line(self) -> bytes:
        """As it stands in the file."""
        return (json.dumps(self.fields() | {"hash": self.hash}, ensure_ascii=False) + "\n").encode()

    def fields(self) -> dict[str, Any]:
        """All but the hash."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "hash"}

    @property
    def sound(self) -> bool:
        """Is the hash that of the fields?"""
        return self.hash == hash_of(self.fields())


def record_of(access: Access, at: Moment, number: int, before: str) -> Record:
    """The record of `access` that follows the one with the hash `before`."""
    longest = LONGEST if access.result == GRANTED else LONGEST_REFUSED
    fields: dict[str, Any] = {
        "number": number,
        "at_utc": utc(at.wall_ns),
        "clock_trusted": at.trusted,
        "action": access.action,
        "by": access.by[:longest],
        "case": access.case[:longest],
        "reason": access.reason[:longest],
        "cam": access.cam,
        "from_utc": utc(access.from_ns),
        "to_utc": utc(access.to_ns),
        "result": access.result[:longest],
        "request_id": access.request_id,
        "before": before,
    }
    return Record(**fields, hash=hash_of(fields))


def parse(line: bytes) -> Record | None:
    """None when the line is not a record."""
    try:
        told = json.loads(line)
        record = Record(**told) if isinstance(told, dict) else None
    except (ValueError, TypeError, RecursionError):
        return None
    return record if record is not None and _is_formed(record) else None


def _is_formed(record: Record) -> bool:
    words = [getattr(record, name) for name in Record.__slots__ if name not in ("number", "clock_trusted")]
    if type(record.number) is not int or not isinstance(record.clock_trusted, bool):
        return False
    if not all(isinstance(word, str) for word in words):
        return False
    try:
        record.line()
        for told_utc in (record.at_utc, record.from_utc, record.to_utc):
            parse_utc(told_utc)
    except (ValueError, OverflowError):
        return False
    return True


def hash_of(fields: Mapping[str, Any]) -> str:
    """Over the fields by name, so that their order in the file does not matter."""
    canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
