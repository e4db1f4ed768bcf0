"""Networks of convolutions take smaller inputs; everything else keeps its size, whatever its file pretends."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config.model import DetectionSection
from agent.detection.detector import Detector, load_detector
from agent.detection.free_input import Malformed, freed
from agent.detection.lens import Lens
from agent.detection.providers import Providers
from agent.detection.session import CUDA, Network, Session
from agent.detection.sizes import Reference, reference, resizable
from agent.detection.yolox import Yolox
from agent.errors import ModelError
from agent.values import Box
from tests.detection.material import SIDE, Array, constant_model, convolutional, frame_of, yolox_rows
from tests.detection.odd_trial import OddSession


def detector(path: Path) -> Detector:
    return load_detector(DetectionSection(model=path, score=0.4))


@pytest.fixture
def red() -> Array:
    picture = np.zeros((192, 256, 3), np.uint8)
    picture[64:128, 64:128, 2] = 255
    return picture


def test_a_network_of_convolutions_takes_smaller_inputs(tmp_path: Path) -> None:
    assert detector(convolutional(tmp_path / "free.onnx")).lens.any_size


@pytest.mark.parametrize("share", [0.5, 0.75, 1.0])
def test_the_same_is_found_with_each_size(tmp_path: Path, red: Array, share: float) -> None:
    model = detector(convolutional(tmp_path / "free.onnx"))
    found = model.detect(frame_of(red), Box(0, 0, 1, 1), share)
    assert found and all(each.label == "person" for each in found)
    centres = [((each.box.left + each.box.right) / 2, (each.box.top + each.box.bottom) / 2) for each in found]
    assert all(0.249 <= x < 0.5 and 0.332 <= y < 2 / 3 for x, y in centres)


@pytest.mark.parametrize("spoilt", ["anchors", "weights"])
def test_what_counts_on_its_size_keeps_it(tmp_path: Path, red: Array, spoilt: str) -> None:
    model = detector(convolutional(tmp_path / "fixed.onnx", spoilt))
    assert not model.lens.any_size
    assert model.detect(frame_of(red), Box(0, 0, 1, 1), 0.5) == model.detect(frame_of(red), Box(0, 0, 1, 1)) != ()


def never(error: ModelError) -> None:
    pytest.fail(str(error))


class OnCard(Providers):
    """Whatever is wanted runs on a graphics card."""

    def open(self, model: Path, sha256: str, section: DetectionSection) -> Network:
        return OddSession(model, CUDA, "works")


def test_on_a_graphics_card_the_size_stays(tmp_path: Path) -> None:
    section = DetectionSection(model=convolutional(tmp_path / "free.onnx"))
    model = load_detector(section, OnCard(tmp_path, never))
    assert (model.provider, model.lens.any_size) == (CUDA, False)
    assert load_detector(section, Providers(tmp_path, never)).lens.any_size


def test_a_file_exchanged_since_it_was_checked_is_not_believed(tmp_path: Path) -> None:
    path = convolutional(tmp_path / "free.onnx")
    fixed = reference(Session(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert resizable(path, digest, fixed, Yolox.fits) is not None
    assert resizable(path, digest[::-1], fixed, Yolox.fits) is None


def test_another_answer_at_its_own_size_is_not_believed(tmp_path: Path) -> None:
    path = convolutional(tmp_path / "free.onnx")
    fixed = reference(Session(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    other = Reference(fixed.signature, [output + 0.02 * output.max() for output in fixed.outputs])
    assert resizable(path, digest, other, Yolox.fits) is None


def test_what_answers_with_the_same_rows_at_any_size_keeps_its_own(tmp_path: Path) -> None:
    assert not detector(constant_model(tmp_path / "constant.onnx", {"output": yolox_rows()})).lens.any_size


def test_at_its_own_size_a_freed_network_gives_the_same(tmp_path: Path) -> None:
    fixed = convolutional(tmp_path / "fixed.onnx")
    free = tmp_path / "free.onnx"
    free.write_bytes(freed(fixed.read_bytes()))
    picture = np.random.default_rng(1).uniform(0, 255, (1, 3, SIDE, SIDE)).astype(np.float32)
    (one,), (other,) = Session(fixed).run(picture), Session(free, size=(SIDE, SIDE)).run(picture)
    assert np.array_equal(one, other)


def test_only_shapes_are_touched(tmp_path: Path) -> None:
    before = onnx.load(str(convolutional(tmp_path / "fixed.onnx")))
    after = onnx.load_from_string(freed(before.SerializeToString()))
    shape = after.graph.input[0].type.tensor_type.shape.dim
    assert [(side.dim_value, side.dim_param) for side in shape] == [(1, ""), (3, ""), (0, "height"), (0, "width")]
    assert not after.graph.value_info and not after.graph.output[0].type.tensor_type.HasField("shape")
    before.graph.input[0].type.tensor_type.shape.CopyFrom(after.graph.input[0].type.tensor_type.shape)
    before.graph.output[0].type.tensor_type.ClearField("shape")
    before.graph.ClearField("value_info")
    assert after == before


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_what_is_no_model_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        freed(data)


def test_a_model_that_ends_within_its_graph_is_malformed(tmp_path: Path) -> None:
    content = convolutional(tmp_path / "fixed.onnx").read_bytes()
    graph = onnx.load_from_string(content).graph.SerializeToString()
    for end in range(0, content.index(graph) + len(graph), 7):
        with pytest.raises(Malformed):
            freed(content[:end])


def test_an_input_is_as_large_as_the_region_needs() -> None:
    lens = Lens(416, 416, 20.0, stretched=False, any_size=True)
    assert lens.input_size(640, 360, 1.0) == (416, 256)
    assert lens.input_size(360, 640, 1.0) == (256, 416)
    assert lens.input_size(260, 260, 0.6) == (256, 256)
    assert lens.input_size(1920, 20, 1.0) == (416, 32)
    assert Lens(416, 416, any_size=True).input_size(640, 360, 0.75) == (320, 320)  # stretched
    assert Lens(300, 300).input_size(640, 360, 0.6) == (300, 300)


def test_large_things_need_less_of_the_input() -> None:
    lens = Lens(416, 416, 16.0, stretched=False, any_size=True)
    shares = [lens.share(size, 416, 416) for size in (10, 31, 35, 43, 60, 400)]
    assert shares == [1.0, 1.0, 1.0, 0.75, 0.6, 0.6]
    assert lens.share(60, 832, 832) == 1.0 and lens.share(30, 208, 208) == 0.6
    assert Lens(300, 300).share(200, 300, 300) == 1.0


@given(st.floats(2, 4000), st.floats(2, 4000), st.sampled_from([0.6, 0.75, 1.0]))
def test_no_input_is_larger_than_the_models_own(across: float, down: float, share: float) -> None:
    lens = Lens(416, 320, 20.0, stretched=False, any_size=True)
    width, height = lens.input_size(across, down, share)
    assert 32 <= width <= 416 and 32 <= height <= 320 and width % 32 == height % 32 == 0
    assert width == 416 or height == 320 or share < 1.0
