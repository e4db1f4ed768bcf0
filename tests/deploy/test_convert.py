"""The converter against plain numpy, on a small graph with every trick of the real ones: same numbers, same bytes."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from deploy.assets import SSD, find_ssd_model
from deploy.convert import PRESETS, ConversionError, convert
from deploy.convert.network import Value
from deploy.convert.presets import Preset

Array = npt.NDArray[Any]
RANDOM = np.random.default_rng(3)
IMAGE = RANDOM.normal(0, 1, (1, 9, 12, 3)).astype(np.float32)


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def numbers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


class Sketch:
    """A TensorFlow.js graph model in the making."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = [{"name": "picture", "op": "Placeholder"}]
        self.weights: dict[str, Array] = {}

    def node(self, name: str, op: str, *inputs: str, **attributes: Any) -> str:
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attributes})
        return name

    def const(self, name: str, values: Any, dtype: Any = np.float32) -> str:
        self.weights[name] = np.asarray(values, dtype)
        return self.node(name, "Const")

    def write(self, folder: Path, *, half: bool = False) -> Path:
        entries, data = [], b""
        for name, array in self.weights.items():
            entry: dict[str, Any] = {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
            shrink = half and array.dtype == np.float32
            if shrink:
                entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
            entries.append(entry)
            data += (array.astype(np.float16) if shrink else array).tobytes()
        (folder / "shard1").write_bytes(data[:7])
        (folder / "shard2").write_bytes(data[7:])
        manifest = [{"paths": ["shard1", "shard2"], "weights": entries}]
        document = {"modelTopology": {"node": self.nodes}, "weightsManifest": manifest}
        (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
        return folder / "model.json"


def run(model: bytes) -> Array:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"images": IMAGE.transpose(0, 3, 1, 2)})[0])


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Value("images", IMAGE.shape, channels_first=True)
    monkeypatch.setitem(PRESETS, "tiny", Preset("picture", picture, {"out": "out"}))


def plain_conv(picture: Array, weights: Array, stride: int, *, depthwise: bool = False) -> Array:
    """SAME padding, straight from the definition."""
    kernel, (_, height, width, _) = weights.shape[0], picture.shape
    out = [-(-side // stride) for side in (height, width)]
    pads = [max((o - 1) * stride + kernel - side, 0) for o, side in zip(out, (height, width), strict=True)]
    padded = np.pad(picture, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads), (0, 0)])
    rows = []
    for y in range(out[0]):
        for x in range(out[1]):
            window = padded[0, y * stride : y * stride + kernel, x * stride : x * stride + kernel]
            rows.append(
                np.einsum("ijc,ijcm->cm", window, weights).reshape(-1)
                if depthwise
                else np.einsum("ijc,ijco->o", window, weights)
            )
    return np.array(rows).reshape(1, *out, -1)


def network() -> tuple[Sketch, Array]:
    """A convolution with batch normalisation and one with scale and offset, joined, sliced and rearranged."""
    sketch = Sketch()
    wide, deep = RANDOM.normal(0, 0.4, (3, 3, 3, 4)), RANDOM.normal(0, 0.4, (3, 3, 4, 1))
    gamma, beta, mean, variance = (RANDOM.uniform(0.5, 1.5, 4) for _ in range(4))
    same = {"strides": numbers(1, 2, 2, 1), "padding": text("SAME")}
    sketch.node("scaled", "Mul", sketch.const("half", 0.5), "picture")
    sketch.node("conv", "Conv2D", "scaled", sketch.const("wide", wide), **same)
    norm = [sketch.const(name, value) for name, value in (("g", gamma), ("b", beta), ("m", mean), ("v", variance))]
    sketch.node("norm", "FusedBatchNorm", "conv", *norm, epsilon={"f": 0.001})
    sketch.node("six", "Relu6", "norm")
    sketch.node(
        "deep",
        "DepthwiseConv2dNative",
        "six",
        sketch.const("dw", deep),
        strides=numbers(1, 1, 1, 1),
        padding=text("SAME"),
    )
    sketch.node("times", "Mul", "deep", sketch.const("scale", gamma))
    sketch.node("plus", "Add", "times", sketch.const("offset", beta))
    sketch.node("sum", "AddN", "plus", "six")
    sketch.node("both", "ConcatV2", "sum", "six", sketch.const("axis", 3, np.int32))
    sketch.node("shape", "Shape", "both")
    for name, value in (("from", [0]), ("to", [1]), ("step", [1])):
        sketch.const(name, value, np.int32)
    sketch.node("batch", "StridedSlice", "shape", "from", "to", "step", shrink_axis_mask={"i": "1"})
    sketch.node(
        "target",
        "Pack",
        "batch",
        sketch.const("rest", -1, np.int32),
        sketch.const("four", 4, np.int32),
        axis={"i": "0"},
    )
    sketch.node("rows", "Reshape", "both", "target")
    sketch.node("columns", "Transpose", "rows", sketch.const("order", [0, 2, 1], np.int32))
    sketch.node(
        "cut",
        "Slice",
        "columns",
        sketch.const("begin", [0, 1, 0], np.int32),
        sketch.const("size", [1, -1, 50], np.int32),
    )
    sketch.node("out", "Sigmoid", "cut")

    six = np.clip((plain_conv(IMAGE * 0.5, wide, 2) - mean) / np.sqrt(variance + 0.001) * gamma + beta, 0, 6)
    both = np.concatenate([plain_conv(six, deep, 1, depthwise=True) * gamma + beta + six, six], axis=3)
    cut = both.reshape(1, -1, 4).transpose(0, 2, 1)[:, 1:, :50]
    return sketch, 1 / (1 + np.exp(-cut))


def test_the_same_numbers_as_numpy(tmp_path: Path) -> None:
    sketch, expected = network()
    assert np.allclose(run(convert("tiny", sketch.write(tmp_path))), expected, atol=1e-5)


def test_half_precision_weights(tmp_path: Path) -> None:
    sketch, expected = network()
    assert np.allclose(run(convert("tiny", sketch.write(tmp_path, half=True))), expected, atol=5e-3)


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    path = network()[0].write(tmp_path)
    assert convert("tiny", path) == convert("tiny", path)


def test_normalisation_melts_into_the_convolutions(tmp_path: Path) -> None:
    model = convert("tiny", network()[0].write(tmp_path))
    operations = [node.op_type for node in onnx.load_from_string(model).graph.node]
    assert "BatchNormalization" not in operations
    assert operations.count("Mul") == 1  # the one before the first convolution
    assert operations.count("Add") == 1  # the sum of two branches


def test_a_pad_before_a_convolution_becomes_its_own(tmp_path: Path) -> None:
    sketch = Sketch()
    weights = RANDOM.normal(0, 1, (3, 3, 3, 2))
    sketch.node("padded", "Pad", "picture", sketch.const("amounts", [[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))
    sketch.node(
        "conv", "Conv2D", "padded", sketch.const("w", weights), strides=numbers(1, 1, 1, 1), padding=text("VALID")
    )
    sketch.node("out", "LeakyRelu", "conv", alpha={"f": 0.1})
    model = convert("tiny", sketch.write(tmp_path))
    expected = plain_conv(IMAGE, weights, 1)
    assert np.allclose(run(model), np.where(expected > 0, expected, 0.1 * expected), atol=1e-4)
    assert [node.op_type for node in onnx.load_from_string(model).graph.node] == [
        "Conv",
        "LeakyRelu",
        "Transpose",
        "Identity",
    ]


def test_an_unknown_operation_is_named(tmp_path: Path) -> None:
    sketch = Sketch()
    sketch.node("out", "Rfft", "picture")
    with pytest.raises(ConversionError, match="out: the operation Rfft"):
        convert("tiny", sketch.write(tmp_path))


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    path = network()[0].write(tmp_path)
    (tmp_path / "shard2").write_bytes((tmp_path / "shard2").read_bytes() + b"more")
    with pytest.raises(ConversionError, match="left over"):
        convert("tiny", path)
    (tmp_path / "shard2").write_bytes(b"less")
    with pytest.raises(ConversionError):
        convert("tiny", path)


def test_another_model_than_the_preset_means(tmp_path: Path) -> None:
    path = network()[0].write(tmp_path)
    with pytest.raises(ConversionError, match=r"model\.json is not the model that coco-ssd means"):
        convert("coco-ssd", path)


@pytest.mark.real
def test_the_converted_street_model_is_the_pinned_one() -> None:
    path = find_ssd_model()
    if path is None:
        pytest.skip("the model is not here; `python -m deploy.assets model` makes it")
    note = path.with_name(path.name + ".sha256").read_text(encoding="ascii")
    assert note == f"{SSD.sha256}  {SSD.file}\n"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    blank = np.zeros((1, 3, 300, 300), np.float32)
    boxes, scores = session.run(["boxes", "scores"], {"images": blank})
    assert (boxes.shape, scores.shape) == ((1, 1917, 1, 4), (1, 1917, 90))
    assert scores.min() >= 0 and scores.max() < 0.4  # nothing to see in a black picture
