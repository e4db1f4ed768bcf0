"""JSON as a stranger may send it: no NaN, no infinity, no repeated keys, no deep nesting, nothing but an object."""

import json
import math
from typing import Any, NoReturn

from agent.commands.refused import Refused
from agent.contract.commands import Refusal

DEEPEST = 16


def parse_object(payload: bytes) -> dict[str, Any]:
    """The object in `payload` (UTF-8). Raises Refused(bad_json)."""
    try:
        value = json.loads(
            payload.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal.BAD_JSON) from error
    if not isinstance(value, dict) or _too_deep(value):
        raise Refused(Refusal.BAD_JSON)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _too_deep(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
