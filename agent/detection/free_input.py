"""A model with a fixed input size, rewritten in memory so that it takes other sizes.

Networks of convolutions only (YOLOX, NanoDet) compute the same for any size; their exports fix one all the same. ONNX
is protobuf (onnx/onnx.proto3): the height and width of the graph's one input become names, and the shapes written down
for outputs and between layers are left out, for ONNX Runtime infers them anew. Nothing else is touched, and no package
for ONNX files is needed. Whether a network really takes other sizes only shows when it runs; see `sizes.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Bytes = bytes | memoryview
Change = Callable[[Bytes], bytes]

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types
# Field numbers of ModelProto, GraphProto, ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto and Dimension.
GRAPH = 7
INPUT, OUTPUT, BETWEEN = 11, 12, 13
TYPE, TENSOR, SHAPE, DIMENSION, NAME = 2, 1, 2, 1, 2
NAMES = {2: b"height", 3: b"width"}  # dimensions of an NCHW input
SIDES = 4


class Malformed(ValueError):
    """No protobuf, or not one of this shape."""


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    whole: Bytes  # key, length and value, as written
    body: Bytes | None  # the value alone of what has a length


def freed(model: bytes) -> bytes:
    """`model` (a ModelProto) with free height and width. Raises Malformed when that is not to be had."""
    inputs = 0

    def graph(data: Bytes) -> bytes:
        nonlocal inputs
        parts: list[Bytes] = []
        for field in _fields(data):
            if field.number == INPUT:
                inputs += 1
                parts.append(_changed(field, (TYPE, TENSOR, SHAPE), _free))
            elif field.number == OUTPUT:
                parts.append(_changed(field, (TYPE, TENSOR), _shapeless))
            elif field.number != BETWEEN:
                parts.append(field.whole)
        return b"".join(parts)

    changed = _each(memoryview(model), GRAPH, lambda field: _changed(field, (), graph))
    if inputs != 1:  # old exporters made inputs of the weights as well
        raise Malformed(f"{inputs} inputs")
    return changed


def _free(shape: Bytes) -> bytes:
    fields = list(_fields(shape))
    if len(fields) != SIDES or any(field.number != DIMENSION for field in fields):
        raise Malformed(f"a shape of {len(fields)} sides")
    return b"".join(
        _message(DIMENSION, _message(NAME, NAMES[place])) if place in NAMES else field.whole
        for place, field in enumerate(fields)
    )


def _shapeless(tensor: Bytes) -> bytes:
    return b"".join(field.whole for field in _fields(tensor) if field.number != SHAPE)


def _changed(field: _Field, path: tuple[int, ...], change: Change) -> bytes:
    """The field with `change` done to the message at the end of `path` in it."""
    if field.body is None:
        raise Malformed(f"field {field.number} is no message")
    if not path:
        return _message(field.number, change(field.body))
    return _message(field.number, _each(field.body, path[0], lambda inner: _changed(inner, path[1:], change)))


def _each(data: Bytes, number: int, change: Callable[[_Field], bytes]) -> bytes:
    return b"".join(change(field) if field.number == number else field.whole for field in _fields(data))


def _message(number: int, body: Bytes) -> bytes:
    return _varint(number << 3 | LENGTH) + _varint(len(body)) + body


def _fields(data: Bytes) -> Iterator[_Field]:
    place = 0
    while place < len(data):
        key, start = _read_varint(data, place)
        body, wire = None, key & 7
        if wire == LENGTH:
            length, start = _read_varint(data, start)
            end = start + length
            body = data[start:end]
        elif wire == VARINT:
            end = _read_varint(data, start)[1]
        elif wire in (FIXED64, FIXED32):
            end = start + (8 if wire == FIXED64 else 4)
        else:
            raise Malformed(f"wire type {wire}")
        if end > len(data):
            raise Malformed("it ends within a field")
        yield _Field(key >> 3, data[place:end], body)
        place = end


def _read_varint(data: Bytes, place: int) -> tuple[int, int]:
    """The number, and where it ends."""
    value = 0
    for shift, byte in enumerate(data[place : place + 10]):
        value |= (byte & 127) << 7 * shift
        if byte < 128:
            return value, place + shift + 1
    raise Malformed("a number without end")


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])
