"""Known numbers in, known boxes out, for each family; through real (tiny) ONNX models."""

from pathlib import Path

import numpy as np
import pytest

from agent.config.labels import COCO
from agent.config.model import DetectionSection
from agent.detection.detector import Detector, load_detector
from agent.detection.family import Signature
from agent.detection.labels import USED_COLUMNS
from agent.detection.nanodet import DEVIATION, MEAN, NanoDet
from agent.detection.ssd import Ssd
from agent.detection.yolox import Yolox
from agent.values import Box, Detection, Picture
from tests.detection.material import Array, constant_model, frame_of, yolox_rows

WHOLE = Box(0, 0, 1, 1)
PERSON, CAR, LAST = COCO.index("person"), COCO.index("car"), COCO.index("toothbrush")
SIGNATURE = Signature(64, 64, ())


def gradient(width: int, height: int) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 0], picture[:, :, 1], picture[:, :, 2] = 10, 100, 200
    return picture


def detector(tmp_path: Path, outputs: dict[str, Array]) -> Detector:
    return load_detector(DetectionSection(model=constant_model(tmp_path / "tiny.onnx", outputs), score=0.4))


def corners(box: Box) -> tuple[float, ...]:
    return tuple(round(side, 4) for side in (box.left, box.top, box.right, box.bottom))


def ssd_outputs() -> dict[str, Array]:
    boxes, scores = np.zeros((1, 5, 1, 4)), np.zeros((1, 5, 90))
    boxes[0, 3, 0] = (0.1, 0.2, 0.5, 0.6)  # top, left, bottom, right
    scores[0, 3, 2] = 0.9  # COCO id 3
    scores[0, 1, 11] = 0.99  # COCO id 12, which nobody annotated
    scores[0, 0, 89] = 0.3
    return {"boxes": boxes, "scores": scores}


def test_ssd_reads_corners_and_coco_ids(tmp_path: Path) -> None:
    model = detector(tmp_path, ssd_outputs())
    assert model.family == "ssd"
    (found,) = model.detect(frame_of(gradient(200, 100)), WHOLE)
    assert (found.label, round(found.score, 3), corners(found.box)) == ("car", 0.9, (0.2, 0.1, 0.6, 0.5))


def test_ssd_columns_are_the_annotated_ids() -> None:
    assert len(USED_COLUMNS) == len(COCO) == 80
    ids = dict(zip(COCO, (USED_COLUMNS + 1).tolist(), strict=True))
    assert (ids["person"], ids["stop sign"], ids["backpack"], ids["toothbrush"]) == (1, 13, 27, 90)


def test_ssd_wants_rgb_stretched() -> None:
    tensor = Ssd(SIGNATURE).prepare(gradient(200, 100))
    assert tensor.shape == (1, 3, 64, 64) and tensor.dtype == np.float32
    assert tensor[0, :, 5, 5].tolist() == [200, 100, 10]


def test_yolox_scales_cells_by_their_stride(tmp_path: Path) -> None:
    rows = yolox_rows()
    cell = 64 + 1 * 4 + 2  # second grid (stride 16), row 1, column 2
    rows[0, cell, :4] = (0.5, 0.25, np.log(2), np.log(1))
    rows[0, cell, 4], rows[0, cell, 5 + PERSON] = 0.9, 0.8
    rows[0, 0, 4], rows[0, 0, 5 + CAR] = 0.5, 0.5  # their product is too little
    model = detector(tmp_path, {"output": rows})
    # The 128x64 picture is shrunk by two: 64x32 at the top left of the input.
    (found,) = model.detect(frame_of(gradient(128, 64)), WHOLE)
    centre_x, centre_y, width, height = 2.5 * 16 * 2, 1.25 * 16 * 2, 2 * 16 * 2, 16 * 2
    left, top = (centre_x - width / 2) / 128, (centre_y - height / 2) / 64
    assert corners(found.box) == (left, top, left + width / 128, min(1.0, top + height / 64))
    assert found.label == "person" and found.score == pytest.approx(0.72)


def test_yolox_wants_bgr_with_grey_below() -> None:
    tensor = Yolox(SIGNATURE).prepare(gradient(128, 64))
    assert tensor[0, :, 31, 63].tolist() == [10, 100, 200]
    assert tensor[0, :, 32, 0].tolist() == [114, 114, 114]


def nanodet_outputs() -> dict[str, Array]:
    cells = [64, 16, 4]
    outputs = {f"cls_{n}": np.zeros((1, n, 80)) for n in cells} | {f"reg_{n}": np.zeros((1, n, 44)) for n in cells}
    outputs["cls_16"][0, 5, LAST] = 0.6  # stride 16, row 1, column 1: centre 24, 24
    for side, bin_ in enumerate((1, 1, 2, 0)):  # left, top, right, bottom in strides
        outputs["reg_16"][0, 5, side * 11 + bin_] = 50.0
    return outputs


def test_nanodet_takes_the_mean_of_the_distribution(tmp_path: Path) -> None:
    model = detector(tmp_path, nanodet_outputs())
    assert model.family == "nanodet"
    (found,) = model.detect(frame_of(gradient(640, 64)), WHOLE)
    assert found.label == "toothbrush"
    assert corners(found.box) == (8 / 64, 8 / 64, 56 / 64, 24 / 64)


def test_nanodet_wants_bgr_normalised() -> None:
    tensor = NanoDet(SIGNATURE).prepare(gradient(100, 100))
    assert np.allclose(tensor[0, :, 0, 0], (np.array([10, 100, 200], np.float32) - MEAN) / DEVIATION)


def test_nothing_above_the_score_is_nothing(tmp_path: Path) -> None:
    for outputs in (
        {"output": yolox_rows()},
        {name: value * 0 for name, value in nanodet_outputs().items()},
        {name: value * 0 for name, value in ssd_outputs().items()},
    ):
        assert detector(tmp_path, outputs).detect(frame_of(gradient(64, 64)), WHOLE) == ()


def test_numbers_of_a_mad_model_are_dropped(tmp_path: Path) -> None:
    outputs = ssd_outputs()
    outputs["boxes"][0, 0, 0] = (np.nan, 0, 1, 1)
    outputs["boxes"][0, 1, 0] = (0.6, 0.6, 0.2, 0.2)  # inside out
    outputs["boxes"][0, 2, 0] = (2, 2, 3, 3)  # outside of the picture
    outputs["boxes"][0, 4, 0] = (0, 0, np.inf, 1)
    outputs["scores"][0, (0, 1, 2, 4), PERSON] = 0.95
    found: tuple[Detection, ...] = detector(tmp_path, outputs).detect(frame_of(gradient(64, 64)), WHOLE)
    assert [each.label for each in found] == ["car"]


def test_boxes_of_a_region_stand_in_the_whole_frame(tmp_path: Path) -> None:
    model = detector(tmp_path, ssd_outputs())
    (found,) = model.detect(frame_of(gradient(200, 100)), Box(0.5, 0.4, 1.0, 1.0))
    assert corners(found.box) == (0.5 + 0.2 * 0.5, 0.4 + 0.1 * 0.6, 0.5 + 0.6 * 0.5, 0.4 + 0.5 * 0.6)


@pytest.mark.parametrize("region", [Box(0.3, 0.3, 0.3, 0.3), Box(1.2, 0, 1.4, 1), Box(-0.5, -0.5, -0.1, -0.1)])
def test_a_region_without_pixels_is_nothing(region: Box, tmp_path: Path) -> None:
    assert detector(tmp_path, ssd_outputs()).detect(frame_of(gradient(200, 100)), region) == ()
