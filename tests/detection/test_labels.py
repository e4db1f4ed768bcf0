"""What a model's columns are called: from a file, from the model, from COCO - or a clear refusal."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from agent.app.eye import CLASSES, tell_unlisted
from agent.config.labels import COCO, FROM_MODEL
from agent.config.model import Config, DetectionSection
from agent.detection.detector import Detector, load_detector
from agent.detection.labels import label_map, names_in, read_labels
from agent.errors import AgentError, ModelError
from agent.values import Box
from tests.detection.material import Array, constant_model, frame_of, yolox_rows

WHOLE = Box(0, 0, 1, 1)
NAMES = ("xe máy", "xe ba gác", "gánh hàng")
MODEL = Path("street.onnx")


def labels_file(tmp_path: Path, text: str = "xe máy\nxe ba gác\n gánh hàng \n\n") -> Path:
    path = tmp_path / "labels.txt"
    path.write_text(text, encoding="utf-8")
    return path


def yolox_of(classes: int, best: int) -> dict[str, Array]:
    rows = yolox_rows(classes=classes)
    rows[0, 70, :4] = (0.5, 0.5, 1.0, 1.0)
    rows[0, 70, 4] = rows[0, 70, 5 + best] = 0.9
    return {"output": rows}


def ssd_of(classes: int, best: int) -> dict[str, Array]:
    boxes, scores = np.zeros((1, 5, 4)), np.zeros((1, 5, classes))
    boxes[0, 3], scores[0, 3, best] = (0.1, 0.2, 0.5, 0.6), 0.8
    return {"boxes": boxes, "scores": scores}


def nanodet_of(classes: int, best: int) -> dict[str, Array]:
    cells = [64, 16, 4]
    outputs = {f"cls_{n}": np.zeros((1, n, classes)) for n in cells} | {f"reg_{n}": np.zeros((1, n, 32)) for n in cells}
    outputs["cls_16"][0, 5, best] = 0.9
    return outputs


def seen(model: Detector) -> list[str]:
    return [each.label for each in model.detect(frame_of(np.zeros((96, 96, 3), np.uint8)), WHOLE)]


@pytest.mark.parametrize(
    ("outputs", "family"),
    [(yolox_of, "yolox"), (ssd_of, "ssd"), (nanodet_of, "nanodet")],
    ids=["yolox", "ssd", "nanodet"],
)
def test_any_number_of_classes_takes_its_names_from_a_file(
    outputs: Callable[[int, int], dict[str, Array]], family: str, tmp_path: Path
) -> None:
    model = constant_model(tmp_path / "street.onnx", outputs(3, 1))
    detector = load_detector(DetectionSection(model=model, labels=labels_file(tmp_path)))
    assert (detector.family, detector.labels.names, detector.labels.source) == (family, NAMES, "file")
    assert seen(detector) == ["xe ba gác"]


def test_an_ssd_may_have_a_background_in_front(tmp_path: Path) -> None:
    outputs = ssd_of(4, 3)
    outputs["scores"][0, :, 0] = 0.95  # everything is background, more than anything else
    model = constant_model(tmp_path / "street.onnx", outputs)
    assert seen(load_detector(DetectionSection(model=model, labels=labels_file(tmp_path)))) == ["gánh hàng"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("names", "{0: 'xe máy', 1: 'xe ba gác', 2: 'gánh hàng'}"),
        ("names", json.dumps({"2": "gánh hàng", "0": "xe máy", "1": "xe ba gác"})),
        ("labels", json.dumps(NAMES)),
        ("labels", "xe máy, xe ba gác, gánh hàng"),
        ("classes", "xe máy\nxe ba gác\ngánh hàng"),
    ],
)
def test_a_model_may_carry_its_names(key: str, text: str, tmp_path: Path) -> None:
    model = constant_model(tmp_path / "street.onnx", yolox_of(3, 2), metadata={key: text})
    for labels in (None, Path(FROM_MODEL)):
        detector = load_detector(DetectionSection(model=model, labels=labels))
        assert (detector.labels.names, detector.labels.source) == (NAMES, "model")
        assert seen(detector) == ["gánh hàng"]


@pytest.mark.parametrize(
    "text", ["", "{0: 'a', 2: 'b'}", "{'a': 'b'}", "[1, 2]", "[[" * 9000, "a,,b", "{0: 'a'", '["a\\u0000b"]', "12"]
)
def test_metadata_that_is_no_list_of_names_is_none(text: str) -> None:
    assert names_in({"names": text}) in ((), (text,)), "a lone word is one name"
    assert names_in({"other": "a, b"}) == ()


def test_coco_is_told_by_the_number_of_classes() -> None:
    assert label_map(MODEL, 80, None, ()).names == COCO
    ids, behind = label_map(MODEL, 90, None, ()), label_map(MODEL, 91, None, ())
    assert ids.columns is not None and behind.columns is not None
    assert (ids.columns[:1].tolist(), ids.columns[-1:].tolist()) == ([0], [89])
    assert (behind.columns - ids.columns).tolist() == [1] * 80
    assert label_map(MODEL, 80, None, ("a", "b")).names == COCO, "names that do not fit are not the model's"


@pytest.mark.parametrize(
    ("classes", "labels", "carried", "told"),
    [
        (3, None, (), "not known what they are called"),
        (3, None, ("a",), "not known what they are called"),
        (5, "xe máy\nxe ba gác\n", (), "5 classes apart, but the list of labels has 2"),
        (3, "a\n\nb\n", (), "line 2 is no label"),
        (3, "a\nb\tc\nd\n", (), "line 2 is no label"),
        (3, "\n\n", (), "has 0 labels"),
        (3, "x" * 65, (), "line 1 is no label"),
    ],
)
def test_what_does_not_fit_is_refused(
    classes: int, labels: str | None, carried: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    path = None if labels is None else labels_file(tmp_path, labels)
    with pytest.raises(ModelError) as caught:
        label_map(MODEL, classes, path, carried)
    assert caught.value.code == "model_labels"
    assert told in caught.value.text.en and caught.value.text.vi != caught.value.text.en
    assert caught.value.hint is not None and "detection.labels" in caught.value.hint.vi


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0")
    for path, told in ((tmp_path / "none.txt", "No such file"), (tmp_path / "photo.txt", "UTF-8")):
        with pytest.raises(ModelError, match=told):
            read_labels(path)
    with pytest.raises(ModelError, match="carries no list"):
        label_map(MODEL, 80, Path(FROM_MODEL), ())


def test_a_background_is_for_ssds_only(tmp_path: Path) -> None:
    model = constant_model(tmp_path / "street.onnx", yolox_of(4, 2))
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection(model=model, labels=labels_file(tmp_path)))
    assert caught.value.code == "model_labels"


class Board:
    def __init__(self) -> None:
        self.faults: dict[str, AgentError] = {}

    def raised(self, source: str, error: AgentError) -> None:
        self.faults[source] = error

    def cleared(self, source: str, code: str | None = None) -> None:
        raise AssertionError(source, code)


def config(labels: Path | None, *rules: Mapping[str, object]) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "w", "id": "n"},
            "mqtt": {"url": "mqtts://h"},
            "retention": {"max_days": 30},
            "detection": {"labels": str(labels)} if labels else {},
            "cameras": [{"id": "gate", "source": "street.mp4", "rules": [dict(rule) for rule in rules]}],
        }
    )


def test_rules_that_ask_for_what_the_model_never_tells_are_a_fault(tmp_path: Path) -> None:
    labels = labels_file(tmp_path, "car\nxe máy\ntruck\n")
    model = constant_model(tmp_path / "street.onnx", yolox_of(3, 0))
    detector = load_detector(DetectionSection(model=model, labels=labels))
    good = ({"rule": "intrusion", "classes": ["xe máy"]}, {"rule": "parking"})  # of parking's defaults it has two
    board = Board()
    tell_unlisted(config(labels, *good).cameras, detector, board)
    assert board.faults == {}
    bad = ({"rule": "loitering"}, {"rule": "intrusion", "id": "night", "classes": ["car", "xe đạp"]})
    tell_unlisted(config(labels, *good, *bad).cameras, detector, board)
    fault = board.faults[CLASSES]
    assert fault.code == "classes_unknown"
    assert "gate/loitering (person); gate/night (xe đạp)" in fault.text.en
    assert "parking" not in str(fault)


def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "labels.txt"
    os.mkfifo(pipe)
    with pytest.raises(ModelError, match="not a file"):
        read_labels(pipe)
