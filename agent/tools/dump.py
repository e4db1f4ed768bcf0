"""Reads what `mosquitto_sub` wrote: `-v` (topic, a space, the payload) or `-F %j` / `-F %J` (a JSON object per line).

Thumbnails are not text. In `-v` their bytes break the lines; what then stands before the next topic belongs to them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

LONGEST_LINE = 2_000_000  # bytes; a payload of the contract is far smaller


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message of a recorded stream. `retained` and `qos` only where the recording tells them."""

    line: int
    topic: str
    payload: bytes
    retained: bool | None = None
    qos: int | None = None


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Its lines; of those that are too long the beginning, whatever follows: a stranger may have written them."""
    while line := file.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)


def read_dump(lines: Iterable[bytes]) -> Iterator[Recorded]:
    """The messages in their order. `lines` end with their line break."""
    found: Recorded | None = None
    more = bytearray()  # further lines of its payload
    for number, raw in enumerate(lines, 1):
        line = raw[:LONGEST_LINE].rstrip(b"\r\n")
        message = _of_json(number, line) or _of_text(number, line)
        if message is not None:
            if found is not None:
                yield _whole(found, more)
            found, more = message, bytearray()
        elif found is not None and len(found.payload) + len(more) < LONGEST_LINE:
            more += b"\n" + line
        elif line.strip() and found is None:
            yield Recorded(number, "", line)
    if found is not None:
        yield _whole(found, more)


def _whole(found: Recorded, more: bytearray) -> Recorded:
    return replace(found, payload=found.payload + more) if more else found


def _of_json(number: int, line: bytes) -> Recorded | None:
    if not line.startswith(b"{"):
        return None
    try:
        told: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("topic"), str):
        return None
    payload = told.get("payload", "")
    body = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Recorded(number, told["topic"], body.encode("utf-8", "replace"), bool(told.get("retain")), told.get("qos"))


def _of_text(number: int, line: bytes) -> Recorded | None:
    topic, _, payload = line.partition(b" ")
    levels = topic.split(b"/")
    # A topic of the contract has its major at the second level; a line of a picture hardly ever.
    if len(levels) < 4 or not levels[1].startswith(b"v") or not levels[1][1:].isdigit() or not topic.isascii():
        return None
    return Recorded(number, topic.decode("ascii"), payload)
