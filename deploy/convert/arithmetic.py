"""Element by element. A constant per channel right after a convolution melts into its weights."""

from functools import reduce

import numpy as np

from deploy.convert.graph import Array, Node
from deploy.convert.network import TO_FIRST, ConversionError, Network, Operand, Value
from deploy.convert.structure import reshaped


def _melted(network: Network, op: str, value: Value, constant: Array) -> bool:
    """Did `constant` melt into the convolution that gives `value`?"""
    convolution = network.convolutions.get(value.name)
    channels = value.shape[-1]
    per_channel = constant.size == 1 or (constant.size == channels == constant.shape[-1])
    if convolution is None or not value.channels_first or not per_channel or op not in ("Add", "Mul"):
        return False
    spread = np.broadcast_to(constant.reshape(-1).astype(np.float32), channels)
    if op == "Mul":
        convolution.scale(spread)
    else:
        convolution.shift(spread)
    return True


def _stored(network: Network, operand: Operand, rank: int, first: bool) -> str:
    if isinstance(operand, Value):
        if len(operand.shape) < rank:
            operand = reshaped(network, operand, [1] * (rank - len(operand.shape)) + list(operand.shape))
        return (network.first(operand) if first else network.last(operand)).name
    array = operand.astype(np.float32)
    if first and array.size > 1:
        array = array.reshape([1] * (rank - array.ndim) + list(array.shape)).transpose(TO_FIRST)
    return network.constant(array.reshape(()) if array.size == 1 else array)


def binary(network: Network, op: str, left: Operand, right: Operand, *, sole_use: bool) -> Operand:
    """`left` op `right`, broadcast. `sole_use`: nothing else reads the operands."""
    values = [operand for operand in (left, right) if isinstance(operand, Value)]
    constants = [operand for operand in (left, right) if not isinstance(operand, Value)]
    if sole_use and constants and _melted(network, op, values[0], constants[0]):
        return values[0]
    shape = np.broadcast_shapes(left.shape, right.shape)
    first = any(value.channels_first for value in values)
    names = [_stored(network, operand, len(shape), first) for operand in (left, right)]
    return Value(network.add(op, names), shape, first)


def add_all(network: Network, node: Node, x: list[Operand]) -> Operand:
    """The sum of all operands."""
    return reduce(lambda total, operand: binary(network, "Add", total, operand, sole_use=False), x)


def batch_norm(network: Network, node: Node, x: list[Operand]) -> Operand:
    """A learnt scale and offset per channel; always melts into the convolution before it."""
    gamma, beta, mean, variance = (operand for operand in x[1:5] if not isinstance(operand, Value))
    scale = gamma / np.sqrt(variance + np.float32(node.attributes.number("epsilon", 1e-3)))
    value = x[0]
    if not isinstance(value, Value) or not _melted(network, "Mul", value, scale):
        raise ConversionError(f"{node.name}: batch normalisation that follows no convolution")
    _melted(network, "Add", value, beta - mean * scale)
    return value


def unary(network: Network, node: Node, x: list[Operand]) -> Operand:
    """The function that ONNX has under the same name."""
    return _applied(network, node.op, x[0], {})


def leaky_relu(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Slope `alpha` below zero."""
    # Rounded to float32 as the attribute is stored, so that every version of onnx writes the same bytes.
    return _applied(network, "LeakyRelu", x[0], {"alpha": float(np.float32(node.attributes.number("alpha", 0.2)))})


def relu6(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Between 0 and 6."""
    value = x[0]
    assert isinstance(value, Value)
    bounds = [network.constant(np.array(bound, np.float32)) for bound in (0, 6)]
    return Value(network.add("Clip", [value.name, *bounds]), value.shape, value.channels_first)


def _applied(network: Network, op: str, operand: Operand, attributes: dict[str, float]) -> Operand:
    if not isinstance(operand, Value):
        raise ConversionError(f"{op} of a constant")
    return Value(network.add(op, [operand.name], None, **attributes), operand.shape, operand.channels_first)
