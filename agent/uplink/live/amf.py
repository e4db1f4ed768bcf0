"""AMF 0, the few types that RTMP commands use ("Action Message Format - AMF 0", Adobe 2007)."""

import struct
from collections.abc import Mapping
from typing import TypeAlias

Value: TypeAlias = "float | bool | str | Mapping[str, Value] | None"
NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED, ARRAY, END = 0, 1, 2, 3, 5, 6, 8, 9
DEEPEST = 4


def encode(*values: Value) -> bytes:
    """One after the other."""
    return b"".join(_encoded(value) for value in values)


def decode(data: bytes) -> list[Value]:
    """All values of a message; what follows a type that RTMP answers do not use is left out. Raises ValueError."""
    values: list[Value] = []
    at = 0
    while at < len(data):
        try:
            value, at = _decoded(data, at, DEEPEST)
        except (struct.error, IndexError) as error:
            raise ValueError("AMF 0 that ends in the middle") from error
        if at < 0:
            break
        values.append(value)
    return values


def _encoded(value: Value) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, str):
        return bytes([STRING]) + _named(value)
    if isinstance(value, Mapping):
        inner = b"".join(_named(name) + _encoded(one) for name, one in value.items())
        return bytes([OBJECT]) + inner + b"\0\0" + bytes([END])
    return struct.pack(">Bd", NUMBER, value)


def _named(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def _decoded(data: bytes, at: int, deepest: int) -> tuple[Value, int]:
    kind, at = data[at], at + 1
    if kind == NUMBER:
        return struct.unpack_from(">d", data, at)[0], at + 8
    if kind == BOOLEAN:
        return bool(data[at]), at + 1
    if kind == STRING:
        return _text(data, at)
    if kind in (NULL, UNDEFINED):
        return None, at
    if kind in (OBJECT, ARRAY) and deepest > 0:
        return _object(data, at + 4 if kind == ARRAY else at, deepest)
    return None, -1


def _object(data: bytes, at: int, deepest: int) -> tuple[Value, int]:
    found: dict[str, Value] = {}
    while True:
        name, at = _text(data, at)
        if not name and data[at] == END:
            return found, at + 1
        found[name], at = _decoded(data, at, deepest - 1)
        if at < 0:
            return found, -1


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">H", data, at)
    if at + 2 + length > len(data):
        raise IndexError
    return data[at + 2 : at + 2 + length].decode(errors="replace"), at + 2 + length
