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
from tests.detection.material import constant_model, yolox_rows

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
