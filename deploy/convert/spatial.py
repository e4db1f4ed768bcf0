"""Convolution, pooling, padding and resizing: all with channels first. A Pad before them becomes their own padding."""

from dataclasses import dataclass

import numpy as np

from deploy.convert.graph import Node
from deploy.convert.network import ConversionError, Convolution, Network, Operand, Padding, Value
from deploy.convert.structure import numbers

LOWEST = -1e30  # padding below this never wins a maximum


@dataclass(frozen=True)
class Window:
    """How a kernel slides: `pads` are top, left, bottom, right; `size` is the picture that comes out."""

    source: str
    kernel: list[int]
    strides: list[int]
    dilations: list[int]
    pads: list[int]
    size: tuple[int, int]


def _window(network: Network, node: Node, value: Value, kernel: list[int], pad_limit: float) -> Window:
    attributes = node.attributes
    strides = attributes.integers("strides")[1:3]
    dilations = attributes.integers("dilations")[1:3] or [1, 1]
    reach = [(side - 1) * dilation + 1 for side, dilation in zip(kernel, dilations, strict=True)]
    height, width = value.shape[1:3]
    source, pads = value.name, [0, 0, 0, 0]
    if attributes.text("padding") == "SAME":
        totals = [
            max((-(-side // stride) - 1) * stride + span - side, 0)
            for side, stride, span in zip((height, width), strides, reach, strict=True)
        ]
        pads = [totals[0] // 2, totals[1] // 2, totals[0] - totals[0] // 2, totals[1] - totals[1] // 2]
        height, width = height + totals[0], width + totals[1]
    elif (padding := network.paddings.get(value.name)) and not padding.amounts[:2].any() and padding.value <= pad_limit:
        source, pads = padding.source, padding.amounts[2:].T.reshape(-1).tolist()
    size = tuple(
        (side - span) // stride + 1 for side, span, stride in zip((height, width), reach, strides, strict=True)
    )
    return Window(source, kernel, strides, dilations, pads, (size[0], size[1]))


def conv(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Conv2D, or one group per channel for DepthwiseConv2dNative. TensorFlow's weights: height, width, in, out."""
    if not isinstance(x[0], Value) or isinstance(x[1], Value):
        raise ConversionError(f"{node.name}: a convolution of a constant, or with computed weights")
    value, weights = network.first(x[0]), x[1]
    height, width, channels, multiplier = weights.shape
    groups = 1
    if node.op == "DepthwiseConv2dNative":
        groups = channels
        stored = weights.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    else:
        stored = weights.transpose(3, 2, 0, 1)
    window = _window(network, node, value, [height, width], 0.0)
    attributes = {
        "dilations": window.dilations,
        "group": groups,
        "kernel_shape": window.kernel,
        "pads": window.pads,
        "strides": window.strides,
    }
    bias = np.zeros(len(stored), np.float32)
    output = network.name("conv")
    network.convolve(Convolution(window.source, output, stored.astype(np.float32), bias, attributes))
    return Value(output, (value.shape[0], *window.size, len(stored)), channels_first=True)


def max_pool(network: Network, node: Node, x: list[Operand]) -> Operand:
    """The largest number in each window."""
    assert isinstance(x[0], Value)
    value = network.first(x[0])
    window = _window(network, node, value, node.attributes.integers("ksize")[1:3], LOWEST)
    name = network.add("MaxPool", [window.source], kernel_shape=window.kernel, strides=window.strides, pads=window.pads)
    return Value(name, (value.shape[0], *window.size, value.shape[3]), channels_first=True)


def pad(network: Network, node: Node, x: list[Operand]) -> Operand:
    """A constant border; the second operand has a row (before, after) for each axis."""
    value = x[0]
    if not isinstance(value, Value):
        raise ConversionError(f"{node.name}: padding of a constant")
    amounts = np.array(numbers(x[1]), np.int64).reshape(-1, 2)
    if not amounts.any():
        return value
    fill = float(np.asarray(x[2])) if len(x) > 2 and not isinstance(x[2], Value) else 0.0
    stored = np.empty_like(amounts)
    for axis, pair in enumerate(amounts):
        stored[value.axis(axis)] = pair
    inputs = [value.name, network.sizes(stored.T.reshape(-1)), network.constant(np.array(fill, np.float32))]
    name = network.add("Pad", inputs, mode="constant")
    network.paddings[name] = Padding(value.name, stored, fill)
    shape = tuple(side + int(pair.sum()) for side, pair in zip(value.shape, amounts, strict=True))
    return Value(name, shape, value.channels_first)


def resize(network: Network, node: Node, x: list[Operand]) -> Operand:
    """Bilinear, to the height and width in the second operand."""
    assert isinstance(x[0], Value)
    value = network.first(x[0])
    height, width = numbers(x[1])
    if node.attributes.flag("align_corners"):
        mode = "align_corners"
    else:
        mode = "half_pixel" if node.attributes.flag("half_pixel_centers") else "asymmetric"
    batch, _, _, channels = value.shape
    inputs = [value.name, "", "", network.sizes([batch, channels, height, width])]
    name = network.add("Resize", inputs, mode="linear", coordinate_transformation_mode=mode)
    return Value(name, (batch, height, width, channels), channels_first=True)
