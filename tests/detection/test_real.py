"""The three families on a real street: the people who stand there are found, whole frame and crop alike."""

from functools import cache
from pathlib import Path

import pytest

from agent.config.model import DetectionSection
from agent.detection.detector import Detector, load_detector
from agent.values import Box, Frame
from deploy.assets import find_nanodet_model, find_ssd_model, yolox_model
from tests.detection.material import street_frame

pytestmark = pytest.mark.real
# Three people of picture 100, told by eye.
PEOPLE = (Box(0.767, 0.268, 0.805, 0.41), Box(0.643, 0.257, 0.678, 0.383), Box(0.49, 0.31, 0.531, 0.447))
FIND = {"ssd": find_ssd_model, "yolox": yolox_model, "nanodet": find_nanodet_model}


@cache
def frame() -> Frame:
    return street_frame(100)


@cache
def detector(family: str) -> Detector:
    path: Path | None = FIND[family]()
    if path is None:
        pytest.skip(f"the {family} model is not here; `python -m deploy.assets` tells how to get it")
    return load_detector(DetectionSection(model=path))


@pytest.mark.parametrize("family", FIND)
@pytest.mark.parametrize("region", [Box(0, 0, 1, 1), Box(0.45, 0.2, 0.85, 0.7)], ids=["frame", "crop"])
def test_people_are_found_where_they_stand(family: str, region: Box) -> None:
    model = detector(family)
    assert model.family == family
    seen = [found.box for found in model.detect(frame(), region) if found.label == "person"]
    for person in PEOPLE:
        assert max((person.iou(box) for box in seen), default=0.0) > 0.5


@pytest.mark.parametrize("family", FIND)
def test_the_same_frame_gives_the_same_boxes(family: str) -> None:
    model = detector(family)
    assert model.detect(frame(), Box(0.3, 0, 1, 1)) == model.detect(frame(), Box(0.3, 0, 1, 1))
