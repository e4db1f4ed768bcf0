"""Operations that move numbers about without changing them."""

import math

import numpy as np

from deploy.convert.graph import Array, Node
from deploy.convert.network import TO_FIRST, TO_LAST, Network, Operand, Value


def _constant(operand: Operand) -> Array:
    if isinstance(operand, Value):
        raise TypeError(f"{operand.name} should be constant")
    return operand


def numbers(operand: Operand) -> list[int]:
    """A constant operand as a list."""
    return [int(number) for number in _constant(operand).reshape(-1)]


def _value(operand: Operand) -> Value:
    if not isinstance(operand, Value):
        raise TypeError("a computed value was expected")
    return operand


def identity(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Nothing."""
    return x[0]


def shape(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Known here, as all sizes are fixed."""
    return np.array(x[0].shape, np.int32)


def transpose(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Between the two picture layouts nothing moves, only the view changes."""
    value, order = _value(x[0]), tuple(numbers(x[1]))
    turned = tuple(value.shape[axis] for axis in order)
    if value.channels_first and order == TO_FIRST:
        return Value(value.name, turned)
    if not value.channels_first and order == TO_LAST:
        return Value(value.name, turned, channels_first=True)
    return Value(network.add("Transpose", [network.last(value).name], perm=order), turned)


def reshaped(network: Network, value: Value, wanted: list[int]) -> Value:
    """`value` in another shape, of which one side may be -1."""
    if -1 in wanted:
        rest = -math.prod(wanted)
        wanted = [math.prod(value.shape) // rest if side == -1 else side for side in wanted]
    name = network.add("Reshape", [network.last(value).name, network.sizes(wanted)])
    return Value(name, tuple(wanted))


def reshape(network: Network, node: Node, x: list[Operand]) -> Operand:
    """To the shape in the second operand."""
    return reshaped(network, _value(x[0]), numbers(x[1]))


def squeeze(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Without the named axes of length 1 (none named: all of them)."""
    value = _value(x[0])
    named = {axis % len(value.shape) for axis in node.attributes.integers("squeeze_dims")}
    gone = named or {axis for axis, side in enumerate(value.shape) if side == 1}
    return reshaped(network, value, [side for axis, side in enumerate(value.shape) if axis not in gone])


def expand_dims(network: Network, node: Node, x: list[Operand]) -> Operand:
    """With one more axis of length 1."""
    value, axis = _value(x[0]), numbers(x[1])[0] % (len(x[0].shape) + 1)
    return reshaped(network, value, [*value.shape[:axis], 1, *value.shape[axis:]])


def cut(network: Network, node: Node, x: list[Operand]) -> Operand:
    """A rectangle; size -1 means to the end."""
    value, begin = network.last(x[0]), numbers(x[1])
    end = [
        side if size == -1 else start + size
        for side, start, size in zip(value.shape, begin, numbers(x[2]), strict=True)
    ]
    axes = network.sizes(range(len(begin)))
    name = network.add("Slice", [value.name, network.sizes(begin), network.sizes(end), axes])
    return Value(name, tuple(stop - start for start, stop in zip(begin, end, strict=True)))


def split(network: Network, node: Node, x: list[Operand]) -> list[Operand]:
    """Pieces along one axis."""
    value, sizes, axis = _value(x[0]), numbers(x[1]), numbers(x[2])[0] % len(x[0].shape)
    names = network.split(value, sizes, axis)
    return [
        Value(name, (*value.shape[:axis], size, *value.shape[axis + 1 :]), value.channels_first)
        for name, size in zip(names, sizes, strict=True)
    ]


def unpack(network: Network, node: Node, x: list[Operand]) -> list[Operand]:
    """Slices along one axis, which vanishes."""
    value, axis = network.last(x[0]), node.attributes.integer("axis") % len(x[0].shape)
    rest = value.shape[:axis] + value.shape[axis + 1 :]
    return [
        Value(network.add("Gather", [value.name, network.sizes(index)], axis=axis), rest)
        for index in range(value.shape[axis])
    ]


def pack(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Stacked along a new axis."""
    values = [network.last(operand) for operand in x]
    axis = node.attributes.integer("axis") % (len(values[0].shape) + 1)
    expanded = [network.add("Unsqueeze", [value.name, network.sizes([axis])]) for value in values]
    shape = (*values[0].shape[:axis], len(values), *values[0].shape[axis:])
    return Value(network.add("Concat", expanded, axis=axis), shape)


def concat(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Joined along one axis; the last operand names it."""
    first = any(isinstance(operand, Value) and operand.channels_first for operand in x[:-1])
    parts = [network.last(operand) if not first else network.first(_value(operand)) for operand in x[:-1]]
    axis = numbers(x[-1])[0] % len(parts[0].shape)
    shape = (*parts[0].shape[:axis], sum(part.shape[axis] for part in parts), *parts[0].shape[axis + 1 :])
    return Value(network.add("Concat", [part.name for part in parts], axis=parts[0].axis(axis)), shape, first)
