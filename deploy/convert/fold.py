"""Operations on constants are computed here and now, so that they do not reach the ONNX model."""

from collections.abc import Callable

import numpy as np

from deploy.convert.graph import Array, Node
from deploy.convert.network import ConversionError

UNKNOWN_MASKS = ("ellipsis_mask", "new_axis_mask")


def _strided_slice(node: Node, x: list[Array]) -> Array:
    masks = {name: node.attributes.integer(name) for name in ("begin_mask", "end_mask", "shrink_axis_mask")}
    if any(node.attributes.integer(name) for name in UNKNOWN_MASKS):
        raise ConversionError(f"{node.name}: a slice with an ellipsis or a new axis")
    parts: list[int | slice] = []
    for axis, (begin, end, step) in enumerate(zip(*(part.reshape(-1).tolist() for part in x[1:4]), strict=True)):
        bit = 1 << axis
        if masks["shrink_axis_mask"] & bit:
            parts.append(begin)
        else:
            parts.append(
                slice(None if masks["begin_mask"] & bit else begin, None if masks["end_mask"] & bit else end, step)
            )
    return np.asarray(x[0][tuple(parts)])


def _sparse_to_dense(node: Node, x: list[Array]) -> Array:
    indices, shape, values, default = x
    dense = np.full(shape.reshape(-1), default, values.dtype)
    dense[tuple(indices.reshape(-1, dense.ndim).T)] = values
    return dense


def _unpack(node: Node, x: list[Array]) -> list[Array]:
    return list(np.moveaxis(x[0], node.attributes.integer("axis"), 0))


FOLD: dict[str, Callable[[Node, list[Array]], Array | list[Array]]] = {
    "Add": lambda node, x: x[0] + x[1],
    "AddV2": lambda node, x: x[0] + x[1],
    "Identity": lambda node, x: x[0],
    "Mul": lambda node, x: x[0] * x[1],
    "Pack": lambda node, x: np.stack(x, node.attributes.integer("axis")),
    "Reshape": lambda node, x: x[0].reshape(x[1]),
    "SparseToDense": _sparse_to_dense,
    "StridedSlice": _strided_slice,
    "Sub": lambda node, x: x[0] - x[1],
    "Tile": lambda node, x: np.tile(x[0], x[1]),
    "Transpose": lambda node, x: x[0].transpose(x[1]),
    "Unpack": _unpack,
}
