"""JSON as a stranger may send it: I-JSON (RFC 7493), an object, not deeply nested. What two readers could read in two
ways is refused: repeated keys, NaN, infinity, whole numbers that a double cannot hold, halves of surrogate pairs.

So everything that passes has exactly one canonical form (RFC 8785), which signatures are about.
"""

import json
import math
import re
from typing import Any, NoReturn

from agent.commands.refused import Refused
from agent.contract.commands import Refusal
from agent.i18n import Text

DEEPEST = 16
MOST_VALUES = 1000  # a command has some twenty; each takes fifty times its length in memory
LARGEST_WHOLE = 2**53 - 1
LONGEST_WHOLE = len(f"-{LARGEST_WHOLE}")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
BRACKETS = bytes.maketrans(b"{}", b"[]")
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
TOO_DEEP = Text(en=f"the command nests more than {DEEPEST} levels", vi=f"lệnh lồng nhau quá {DEEPEST} tầng")

TOO_MANY = Text(en=f"the command has more than {MOST_VALUES} values", vi=f"lệnh có hơn {MOST_VALUES} giá trị")


def parse_object(payload: bytes) -> dict[str, Any]:
    """The object in `payload` (UTF-8). Raises Refused(bad_json)."""
    outside = _outside_texts(payload)
    if nests_deeper(outside, DEEPEST):
        raise Refused(Refusal.BAD_JSON, TOO_DEEP)
    if outside.count(b",") >= MOST_VALUES:
        raise Refused(Refusal.BAD_JSON, TOO_MANY)
    try:
        text = payload.decode("utf-8")
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_unique,
        )
        if SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal.BAD_JSON) from error
    if not isinstance(value, dict):
        raise Refused(Refusal.BAD_JSON)
    return value


def _outside_texts(payload: bytes) -> bytes:
    """What does not stand in a text, as long as it is JSON."""
    if b"\\" in payload:
        payload = payload.replace(b"\\\\", b"").replace(b'\\"', b"")
    if payload.count(b'"') > 2 * MOST_VALUES:
        raise Refused(Refusal.BAD_JSON, TOO_MANY)
    return b"".join(payload.split(b'"')[::2])


def nests_deeper(outside: bytes, levels: int) -> bool:
    """Does it nest deeper than `levels`, or not close what it opens? `outside`: of texts.

    Nothing is built, whatever it would be: the innermost pairs of brackets are taken away, level by level, all of one
    level by one pass of C.
    """
    if outside.count(b"[") + outside.count(b"{") <= levels:
        return False  # it cannot; whether it is closed is the parser's concern
    left = outside.translate(BRACKETS, NO_BRACKETS)
    for _ in range(levels):
        if not left:
            return False
        left = left.replace(b"[]", b"")
    return bool(left)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_WHOLE or abs(number := int(text)) > LARGEST_WHOLE:
        raise ValueError("more digits than a double holds")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
