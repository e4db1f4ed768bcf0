"""Frames and small real ONNX models for the tests of detection."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from agent.clock import Moment
from agent.config.labels import COCO
from agent.values import Frame, Picture
from deploy.assets import find_street_video

Array = npt.NDArray[Any]
SIDE = 128  # of the input of `convolutional`
PERSON = COCO.index("person")
AT = Moment(0, 0, True, "boot")


def frame_of(picture: Picture) -> Frame:
    """A BGR picture (even sides) as a frame."""
    height, width = picture.shape[:2]
    planar = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, chroma = width * height, width * height // 4
    half = (height // 2, width // 2)
    return Frame(
        cam="gate",
        run=0,
        seq=0,
        at=AT,
        luma=np.asarray(planar[:luma].reshape(height, width), np.uint8),
        u=np.asarray(planar[luma : luma + chroma].reshape(half), np.uint8),
        v=np.asarray(planar[luma + chroma :].reshape(half), np.uint8),
    )


def street_frame(index: int) -> Frame:
    """Picture `index` of the real street video; skips the test where that is not kept."""
    video = find_street_video()
    if video is None or video.rendered:
        pytest.skip("no real street video; `python -m deploy.assets video` fetches it")
    with closing(_pictures(video.path)) as pictures:
        picture = next(picture for number, picture in enumerate(pictures) if number == index)
    return frame_of(picture)


def _pictures(path: Path) -> Generator[Picture, None, None]:
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            yield np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)


def constant_model(
    path: Path,
    outputs: dict[str, Array],
    shape: tuple[int | str, ...] = (1, 3, 64, 64),
    opset: int = 13,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A network that answers the same to every picture."""
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value.astype(np.float32)))
        for name, value in outputs.items()
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in outputs.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    helper.set_model_props(model, metadata or {})
    onnx.save(model, str(path))
    return path


def yolox_rows(size: int = 64, classes: int = 80) -> Array:
    """An empty raw YOLOX head for a square input."""
    cells = sum((size // stride) ** 2 for stride in (8, 16, 32))
    return np.zeros((1, cells, 5 + classes), np.float32)


def convolutional(path: Path, spoilt: str = "") -> Path:
    """A YOLOX that finds a person of one cell wherever it is red, as exports write it: all shapes fixed.

    `spoilt`: `anchors` adds numbers for a fixed count of cells, `weights` makes an input of them, as old exports do.
    """
    column = np.zeros((85, 3, 1, 1), np.float32)
    column[4, 2], column[5 + PERSON, 2] = 1 / 255, 1 / 255  # BGR
    nodes, ends = [], []
    for stride in (8, 16, 32):
        pooled, head, end = f"pooled{stride}", f"head{stride}", f"end{stride}"
        sides = [stride, stride]
        nodes.append(helper.make_node("AveragePool", ["images"], [pooled], kernel_shape=sides, strides=sides))
        nodes.append(helper.make_node("Conv", [pooled, "column"], [head]))
        nodes.append(helper.make_node("Reshape", [head, "flat"], [end]))
        ends.append(end)
    cells = yolox_rows(SIDE).shape[1]
    nodes.append(helper.make_node("Concat", ends, ["rows"], axis=2))
    nodes.append(helper.make_node("Transpose", ["rows"], ["plain"], perm=[0, 2, 1]))
    nodes.append(helper.make_node("Add", ["plain", "more"], ["output"]))
    more = np.zeros((1, cells if spoilt == "anchors" else 1, 85), np.float32)
    weights: list[tuple[str, Array]] = [("column", column), ("more", more), ("flat", np.array([1, 85, -1], np.int64))]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, (1, 3, SIDE, SIDE))]
    if spoilt == "weights":
        inputs.append(helper.make_tensor_value_info("column", TensorProto.FLOAT, column.shape))
    graph = helper.make_graph(
        nodes,
        "convolutional",
        inputs,
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, (1, cells, 85))],
        [numpy_helper.from_array(value, name) for name, value in weights],
        value_info=[helper.make_tensor_value_info("rows", TensorProto.FLOAT, (1, 85, cells))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    helper.set_model_props(model, {"author": "nobody"})
    onnx.save(model, str(path))
    return path
