"""Every way in which a model file can be bad ends in one ModelError that names the file and the remedy."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agent.config.model import DetectionSection
from agent.detection.detector import load_detector
from agent.detection.session import Session
from agent.errors import ModelError
from agent.values import Box
from tests.detection.material import constant_model, frame_of, yolox_rows

HEX = hashlib.sha256(b"another file").hexdigest()


def garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 200)


def truncated(path: Path) -> None:
    constant_model(path, {"output": yolox_rows()})
    path.write_bytes(path.read_bytes()[:-5000])


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.onnx", b"x" * 1000)


def future_opset(path: Path) -> None:
    constant_model(path, {"output": yolox_rows()}, opset=999)


def wrong_input(path: Path) -> None:
    constant_model(path, {"output": yolox_rows()}, shape=(1, 64, 64, 3))


def free_input_size(path: Path) -> None:
    constant_model(path, {"output": yolox_rows()}, shape=(1, 3, "height", "width"))


def no_classes(path: Path) -> None:
    constant_model(path, {"output": yolox_rows()[:, :, :5]})


def wrong_cells(path: Path) -> None:
    constant_model(path, {"output": yolox_rows(96)})


def directory(path: Path) -> None:
    path.mkdir()


def text_page(path: Path) -> None:
    path.write_text("<html>404 Not Found</html>", encoding="utf-8")


BROKEN = [
    lambda path: path.write_bytes(b""),
    garbage,
    truncated,
    zipped,
    future_opset,
    wrong_input,
    free_input_size,
    no_classes,
    wrong_cells,
    directory,
    text_page,
]


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_broken_file_names_itself_and_the_remedy(
    spoil: Callable[[Path], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "street.onnx"
    spoil(path)
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection(model=path))
    assert caught.value.code == "model_broken"
    assert str(path) in caught.value.text.en
    assert str(path) in caught.value.text.vi
    assert caught.value.hint is not None and "detection.model" in caught.value.hint.vi
    assert capfd.readouterr() == ("", ""), "ONNX Runtime wrote to the terminal"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file") as caught:
        load_detector(DetectionSection(model=tmp_path / "none.onnx"))
    assert caught.value.code == "model_missing"


def test_no_model_configured() -> None:
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection())
    assert caught.value.code == "model_missing"


@pytest.mark.parametrize("note", [f"{HEX}  street.onnx\n", f"{HEX}\n", "", "no hash at all\n"])
def test_another_file_than_the_note_beside_it_says(note: str, tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    (tmp_path / "street.onnx.sha256").write_text(note, encoding="ascii")
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection(model=path))
    assert caught.value.code == "model_mismatch"
    assert hashlib.sha256(path.read_bytes()).hexdigest() in caught.value.text.vi


@pytest.mark.parametrize("form", ["{}  street.onnx\n", "{}"])
def test_the_note_beside_it_is_believed(form: str, tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "street.onnx.sha256").write_text(form.format(digest.upper()), encoding="ascii")
    assert load_detector(DetectionSection(model=path)).sha256 == digest


def test_the_configuration_wins_over_the_note(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "street.onnx.sha256").write_text(HEX, encoding="ascii")
    assert load_detector(DetectionSection(model=path, sha256=digest)).sha256 == digest
    with pytest.raises(ModelError):
        load_detector(DetectionSection(model=path, sha256=HEX))


def test_a_family_that_the_model_is_not(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    with pytest.raises(ModelError, match="ssd") as caught:
        load_detector(DetectionSection(model=path, family="ssd"))
    assert caught.value.code == "model_broken"


def test_the_session_tells_what_it_runs_on(tmp_path: Path) -> None:
    session = Session(constant_model(tmp_path / "street.onnx", {"output": yolox_rows()}))
    assert session.provider == "CPUExecutionProvider"
    assert (session.signature.width, session.signature.height) == (64, 64)
    assert session.signature.outputs == (("output", (1, 84, 85)),)


def test_a_wrong_tensor_is_an_error_of_the_model(tmp_path: Path) -> None:
    session = Session(constant_model(tmp_path / "street.onnx", {"output": yolox_rows()}))
    with pytest.raises(ModelError):
        session.run(np.zeros((1, 3, 32, 32), np.float32))


def test_a_named_batch_takes_one_picture(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()}, shape=("batch", 3, 64, 64))
    assert load_detector(DetectionSection(model=path)).family == "yolox"


@pytest.mark.parametrize("spoil", [garbage, truncated, zipped, text_page], ids=lambda spoil: spoil.__name__)
def test_what_is_no_model_at_all_is_called_so_before_the_words_of_the_runtime(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "street.onnx"
    spoil(path)
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection(model=path))
    assert "cannot be used: damaged or not an ONNX file (" in caught.value.text.en
    assert "tệp hỏng hoặc không phải tệp ONNX (" in caught.value.text.vi


@pytest.mark.parametrize(
    "spoil", [wrong_input, free_input_size, no_classes, wrong_cells], ids=lambda spoil: spoil.__name__
)
def test_a_wrong_shape_is_remedied_by_another_export(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "street.onnx"
    spoil(path)
    with pytest.raises(ModelError) as caught:
        load_detector(DetectionSection(model=path))
    assert caught.value.hint is not None
    assert "xport" in caught.value.hint.en and "1x3xHxW" in caught.value.hint.en
    assert "xuất lại" in caught.value.hint.vi and "1x3xHxW" in caught.value.hint.vi


@pytest.mark.parametrize(("language", "said"), [("en", "is not pinned"), ("vi", "chưa được ghim")])
def test_a_model_that_nobody_pinned_is_told_with_the_remedy(
    language: str, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    path = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    load_detector(DetectionSection(model=path))
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said in told and "street.onnx.sha256" in told and hashlib.sha256(path.read_bytes()).hexdigest() in told


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_model_without_a_number_cannot_be_used(number: float, tmp_path: Path) -> None:
    path = constant_model(tmp_path / "street.onnx", {"output": np.full_like(yolox_rows(), number)})
    with pytest.raises(ModelError, match="only nan or infinity") as caught:
        load_detector(DetectionSection(model=path))
    assert "chỉ có nan hoặc vô cùng" in caught.value.text.vi


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_some_numbers_that_are_none_are_dropped_without_a_word(number: float, tmp_path: Path) -> None:
    rows = yolox_rows()
    rows[0, 1, :] = number
    rows[0, 2, 4:] = number
    rows[0, 3, :4], rows[0, 3, 4:] = number, 0.9
    rows[0, 4, 4], rows[0, 4, 5:] = number, 0.0  # infinity times nothing
    path = constant_model(tmp_path / "street.onnx", {"output": rows})
    grey = frame_of(np.full((64, 64, 3), 90, np.uint8))
    found = load_detector(DetectionSection(model=path)).detect(grey, Box(0.0, 0.0, 1.0, 1.0))
    assert all(np.isfinite([each.score, each.box.area]).all() for each in found)
