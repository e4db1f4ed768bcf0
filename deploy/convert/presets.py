"""The known models: where their arithmetic begins and ends, and the walk from there to there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deploy.convert import arithmetic, spatial, structure
from deploy.convert.fold import FOLD
from deploy.convert.graph import Array, Graph, Node, read_graph, source
from deploy.convert.network import ConversionError, Network, Operand, Value

Translate = Callable[[Network, Node, list[Operand]], Operand | list[Operand]]

TRANSLATE: dict[str, Translate] = {
    "AddN": arithmetic.add_all,
    "ConcatV2": structure.concat,
    "Conv2D": spatial.conv,
    "DepthwiseConv2dNative": spatial.conv,
    "Exp": arithmetic.unary,
    "ExpandDims": structure.expand_dims,
    "FusedBatchNorm": arithmetic.batch_norm,
    "Identity": structure.identity,
    "LeakyRelu": arithmetic.leaky_relu,
    "MaxPool": spatial.max_pool,
    "Pack": structure.pack,
    "Pad": spatial.pad,
    "PadV2": spatial.pad,
    "Relu6": arithmetic.relu6,
    "Reshape": structure.reshape,
    "ResizeBilinear": spatial.resize,
    "Shape": structure.shape,
    "Sigmoid": arithmetic.unary,
    "Slice": structure.cut,
    "SplitV": structure.split,
    "Squeeze": structure.squeeze,
    "Transpose": structure.transpose,
    "Unpack": structure.unpack,
}
BINARY = {"Add": "Add", "AddV2": "Add", "BiasAdd": "Add", "Mul": "Mul", "Sub": "Sub"}


@dataclass(frozen=True)
class Preset:
    """Cuts one model out of its TensorFlow graph: the node that stands for the picture, and the nodes that are read."""

    start: str
    picture: Value
    outputs: dict[str, str]


PRESETS = {
    # From behind the graph's own resizing to before its own suppression: both are done outside.
    "coco-ssd": Preset(
        start="Preprocessor/map/TensorArrayStack/TensorArrayGatherV3",
        picture=Value("images", (1, 300, 300, 3), channels_first=True),
        outputs={"boxes": "Postprocessor/ExpandDims_1", "scores": "Postprocessor/Slice"},
    ),
    "nanodet": Preset(
        start="input_1",
        picture=Value("images", (1, 3, 416, 416)),
        outputs={
            "cls_8": "Identity",
            "cls_16": "Identity_1",
            "cls_32": "Identity_2",
            "reg_8": "Identity_3",
            "reg_16": "Identity_4",
            "reg_32": "Identity_5",
        },
    ),
}


def convert(preset: str, model: Path) -> bytes:
    """The ONNX file's bytes, from `model.json`. Raises ConversionError or OSError."""
    plan = PRESETS[preset]
    try:
        graph = read_graph(model)
        network, values = _walk(graph, plan)
    except (ValueError, KeyError, TypeError) as error:
        raise ConversionError(f"{model} is not the model that {preset} means: {error}") from error
    outputs = {name: network.last(values[node][0]) for name, node in plan.outputs.items()}
    return bytes(network.model({plan.picture.name: plan.picture}, outputs).SerializeToString(deterministic=True))


def _walk(graph: Graph, plan: Preset) -> tuple[Network, dict[str, list[Operand]]]:
    network = Network()
    values: dict[str, list[Operand]] = {plan.start: [plan.picture]}
    nodes = graph.order(plan.outputs.values(), values)
    uses = Counter(reference for node in nodes for reference in node.inputs)
    for node in nodes:
        if node.op == "Const":
            values[node.name] = [graph.weights[node.name]]
            continue
        operands = [values[source(reference)][int(reference.partition(":")[2] or 0)] for reference in node.inputs]
        constants: list[Array] = [operand for operand in operands if isinstance(operand, np.ndarray)]
        result: Operand | list[Operand]
        if len(constants) == len(operands) and node.op in FOLD:
            folded = FOLD[node.op](node, constants)
            result = [*folded] if isinstance(folded, list) else folded
        elif node.op in BINARY:
            sole_use = all(uses[reference] == 1 for reference in node.inputs if source(reference) not in graph.weights)
            result = arithmetic.binary(network, BINARY[node.op], operands[0], operands[1], sole_use=sole_use)
        elif node.op in TRANSLATE:
            result = TRANSLATE[node.op](network, node, operands)
        else:
            raise ConversionError(f"{node.name}: the operation {node.op} is not known")
        values[node.name] = result if isinstance(result, list) else [result]
    return network, values
