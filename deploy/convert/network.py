"""The ONNX side: values, nodes and constants as they come, convolutions kept open so that what follows can melt in.

TensorFlow keeps pictures as (batch, height, width, channels), ONNX wants channels first. A `Value` remembers which of
the two it lies in, so that no transposition is emitted between convolutions.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from deploy.convert.graph import Array

OPSET, IR_VERSION = 13, 8
TO_FIRST = (0, 3, 1, 2)  # batch, height, width, channels -> batch, channels, height, width
TO_LAST = (0, 2, 3, 1)


class ConversionError(Exception):
    """The model uses something that this converter does not know."""


@dataclass(frozen=True)
class Value:
    """A computed tensor: `shape` as TensorFlow sees it; `channels_first` when it lies transposed by TO_FIRST."""

    name: str
    shape: tuple[int, ...]
    channels_first: bool = False

    def axis(self, axis: int) -> int:
        """Where TensorFlow's `axis` lies."""
        axis %= len(self.shape)
        return TO_FIRST.index(axis) if self.channels_first else axis

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """As it lies."""
        return tuple(self.shape[axis] for axis in TO_FIRST) if self.channels_first else self.shape


Operand = Value | Array


@dataclass
class Convolution:
    """A Conv whose weights (out, in, height, width) and bias (out,) may still change."""

    source: str
    output: str
    weights: Array
    bias: Array
    attributes: dict[str, Any]

    def scale(self, factor: Array) -> None:
        """Multiply the output, channel by channel."""
        self.weights = self.weights * factor.reshape(-1, 1, 1, 1)
        self.bias = self.bias * factor

    def shift(self, offset: Array) -> None:
        """Add to the output, channel by channel."""
        self.bias = self.bias + offset


@dataclass(frozen=True)
class Padding:
    """What a Pad did: `amounts` (axes, 2) as it lies."""

    source: str
    amounts: Array
    value: float


@dataclass
class Network:
    """Collects nodes; names are numbered in order, so equal models give equal files."""

    convolutions: dict[str, Convolution] = field(default_factory=dict)
    paddings: dict[str, Padding] = field(default_factory=dict)
    _nodes: list[onnx.NodeProto | Convolution] = field(default_factory=list)
    _constants: list[onnx.TensorProto] = field(default_factory=list)
    _count: int = 0

    def name(self, kind: str) -> str:
        """A fresh name."""
        self._count += 1
        return f"{kind.lower()}_{self._count}"

    def constant(self, array: Array) -> str:
        """A stored tensor."""
        name = self.name("constant")
        self._constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def sizes(self, numbers: Any) -> str:
        """A stored tensor of 64-bit integers: shapes, axes, paddings."""
        return self.constant(np.asarray(numbers, np.int64))

    def add(self, op: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        """One ONNX node with one output."""
        output = output or self.name(op)
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def split(self, value: Value, sizes: list[int], axis: int) -> list[str]:
        """The only node with several outputs."""
        outputs = [self.name("split") for _ in sizes]
        inputs = [value.name, self.sizes(sizes)]
        self._nodes.append(helper.make_node("Split", inputs, outputs, name=outputs[0], axis=value.axis(axis)))
        return outputs

    def convolve(self, convolution: Convolution) -> None:
        """A Conv that stays open."""
        self.convolutions[convolution.output] = convolution
        self._nodes.append(convolution)

    def first(self, value: Value) -> Value:
        """Lying with channels first."""
        if value.channels_first:
            return value
        return replace(value, name=self.add("Transpose", [value.name], perm=TO_FIRST), channels_first=True)

    def last(self, operand: Operand) -> Value:
        """Lying as TensorFlow sees it; constants are stored."""
        if isinstance(operand, np.ndarray):
            return Value(self.constant(operand.astype(np.float32)), operand.shape)
        if not operand.channels_first:
            return operand
        return Value(self.add("Transpose", [operand.name], perm=TO_LAST), operand.shape)

    def model(self, inputs: dict[str, Value], outputs: dict[str, Value]) -> onnx.ModelProto:
        """The checked model. Nodes that melted into others are left out."""
        for name, value in outputs.items():
            self.add("Identity", [value.name], name)
        nodes = [self._closed(node) if isinstance(node, Convolution) else node for node in self._nodes]
        needed, kept = set(outputs), []
        for node in reversed(nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
        graph = helper.make_graph(
            kept[::-1],
            "converted",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, v.stored_shape) for name, v in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, v.shape) for name, v in outputs.items()],
            [constant for constant in self._constants if constant.name in needed],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="camera-agent")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    def _closed(self, open_node: Convolution) -> onnx.NodeProto:
        inputs = [open_node.source, self.constant(open_node.weights), self.constant(open_node.bias)]
        return helper.make_node("Conv", inputs, [open_node.output], name=open_node.output, **open_node.attributes)
