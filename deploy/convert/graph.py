"""Reads a TensorFlow.js graph model: `model.json` (topology) and the weight files beside it.

Two dialects exist: attribute texts are base64 in newer files and lists of character codes in older ones.
"""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
DTYPES = {"float32": "<f4", "int32": "<i4", "bool": "?", "float16": "<f2", "uint8": "u1", "uint16": "<u2"}


class Attributes:
    """The attributes of one node."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._raw = raw

    def integers(self, name: str) -> list[int]:
        """A list; empty when absent."""
        return [int(value) for value in self._raw.get(name, {}).get("list", {}).get("i", [])]

    def integer(self, name: str) -> int:
        """A number; 0 when absent."""
        return int(self._raw.get(name, {}).get("i", 0))

    def number(self, name: str, default: float) -> float:
        """A real number."""
        return float(self._raw.get(name, {}).get("f", default))

    def flag(self, name: str) -> bool:
        """False when absent."""
        return bool(self._raw.get(name, {}).get("b", False))

    def text(self, name: str) -> str:
        """Empty when absent."""
        value = self._raw.get(name, {}).get("s", "")
        return bytes(value).decode() if isinstance(value, list) else base64.b64decode(value).decode()


@dataclass(frozen=True)
class Node:
    """One operation. `inputs` are `name` or `name:output`, control inputs left out."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Attributes = field(repr=False)


@dataclass(frozen=True)
class Graph:
    """All nodes and the values of the constant ones."""

    nodes: dict[str, Node]
    weights: dict[str, Array]

    def order(self, outputs: Collection[str], known: Collection[str]) -> list[Node]:
        """What must be computed for `outputs` when `known` is given, each node after its inputs."""
        done = set(known)
        ordered: list[Node] = []
        waiting = [source(reference) for reference in reversed(list(outputs))]
        while waiting:
            node = self.nodes[waiting[-1]]
            missing = [name for name in map(source, node.inputs) if name not in done]
            if node.name not in done and missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            if node.name not in done:
                done.add(node.name)
                ordered.append(node)
        return ordered


def source(reference: str) -> str:
    """The node of `name:output`."""
    return reference.partition(":")[0]


def read_graph(model: Path) -> Graph:
    """Raises OSError, ValueError or KeyError when it is no such model."""
    document = json.loads(model.read_text(encoding="utf-8"))
    nodes = {}
    for raw in document["modelTopology"]["node"]:
        inputs = tuple(name for name in raw.get("input", []) if not name.startswith("^"))
        nodes[raw["name"]] = Node(raw["name"], raw["op"], inputs, Attributes(raw.get("attr", {})))
    weights: dict[str, Array] = {}
    for group in document["weightsManifest"]:
        data = b"".join((model.parent / path).read_bytes() for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            weights[entry["name"]], offset = _read_weight(entry, data, offset)
        if offset != len(data):
            raise ValueError(f"{len(data) - offset} bytes of weights are left over in {model}")
    return Graph(nodes, weights)


def _read_weight(entry: dict[str, Any], data: bytes, offset: int) -> tuple[Array, int]:
    packing = entry.get("quantization")
    stored = np.dtype(DTYPES[packing["dtype"] if packing else entry["dtype"]])
    count = int(np.prod(entry["shape"], dtype=np.int64))
    values: Array = np.frombuffer(data, stored, count, offset)
    if packing and "scale" in packing:
        values = values * np.float32(packing["scale"]) + np.float32(packing["min"])
    return values.astype(DTYPES[entry["dtype"]]).reshape(entry["shape"]), offset + count * stored.itemsize
