"""The JSON that a page sends. Everything is bounded before anything walks it."""

import json
from typing import Any

from agent.i18n import Text
from agent.installer.web.refusal import Json, Refusal

DEEPEST, MOST_PARTS = 12, 5_000  # of nested values; the loader takes no more either
BODY = Text(en="This is not the request that is expected here", vi="Nội dung gửi lên không đúng dạng")


def object_in(data: bytes) -> Json:
    """The object in a body. Raises Refusal."""
    try:
        told = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "body", BODY) from error
    if not isinstance(told, dict) or not _bounded(told):
        raise Refusal(400, "body", BODY)
    return told


def _bounded(told: Json) -> bool:
    """Neither deeper nor larger than any configuration: what follows walks it by recursion."""
    level: list[Any] = [told]
    count = 0
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
        level = [each for each in level if isinstance(each, dict | list)]
        count += len(level)
        if not level or count > MOST_PARTS:
            break
    return not level and count <= MOST_PARTS


def text_in(told: Json, key: str, longest: int) -> str:
    """A text. Raises Refusal."""
    value = told.get(key)
    if not isinstance(value, str) or len(value) > longest:
        raise Refusal(400, "body", BODY)
    return value


def _no_number(_: str) -> None:
    raise ValueError("not a number")
