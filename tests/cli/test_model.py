"""`camera-agent model check`: what a model is and costs, or one clear refusal; through real (tiny) ONNX models."""

import errno
import hashlib
import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from agent.cli import main
from agent.config.labels import COCO
from agent.errors import StorageError
from agent.tools.model_check import read_picture, write_found
from tests.detection.material import constant_model, convolutional, yolox_rows
from tests.detection.test_labels import labels_file, ssd_of, yolox_of


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((97, 193, 3), 90, np.uint8))
    return path


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, object]]:
    code = main(["model", "check", *map(str, arguments), "--json", "--runs", "2"])
    report: dict[str, object] = json.loads(capsys.readouterr().out)
    return code, report


def test_a_model_with_labels_of_its_own(tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, out = constant_model(tmp_path / "street.onnx", ssd_of(3, 1)), tmp_path / "out.png"
    code, report = checked(capsys, model, "--labels", labels_file(tmp_path), "--picture", photo, "--draw", out)
    assert code == 0 and report["usable"] is True
    assert (report["family"], report["input"], report["provider"]) == ("ssd", [64, 64], "CPUExecutionProvider")
    assert report["labels"] == ["xe máy", "xe ba gác", "gánh hàng"] and report["labels_from"] == "file"
    assert report["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert report["bytes"] == model.stat().st_size
    assert isinstance(report["cpu_ms"], float) and report["wall_ms"] != 0
    assert report["found"] == [{"label": "xe ba gác", "score": 0.8, "box": [0.2, 0.1, 0.6, 0.5]}]
    drawn = cv2.imread(str(out))
    assert drawn is not None and drawn.shape == (96, 192, 3), "even sides"
    edge = drawn[20:40, round(0.2 * 192) - 2 : round(0.2 * 192) + 3].astype(int)
    assert np.abs(edge - 90).max() > 60 and np.abs(drawn[70:, 150:].astype(int) - 90).max() < 8


def test_the_table_is_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = constant_model(tmp_path / "street.onnx", {"output": yolox_rows()})
    assert main(["model", "check", str(model), "--runs", "1"]) == 0
    told = capsys.readouterr().out
    assert "or less" not in told
    assert "yolox" in told and "64x64" in told and f"{len(COCO)} (" in told and COCO[0] in told and "MB" in told


def test_a_model_of_any_size_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = convolutional(tmp_path / "street.onnx")
    code, report = checked(capsys, model)
    assert (code, report["input"], report["smaller_inputs"]) == (0, [128, 128], True)
    assert main(["model", "check", str(model), "--runs", "1"]) == 0
    assert "128x128 or less" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("classes", "text", "code", "told"),
    [
        (3, None, "model_labels", "3 classes"),
        (3, "a\nb\n\nc\n", "model_labels", "line 3"),
        (9, "a\nb\n", "model_labels", "has 2"),
    ],
)
def test_a_refusal_has_a_reason_and_a_remedy(
    classes: int, text: str | None, code: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = constant_model(tmp_path / "street.onnx", yolox_of(classes, 1))
    labels = () if text is None else ("--labels", labels_file(tmp_path, text))
    exit_code, report = checked(capsys, model, *labels)
    assert exit_code == 1 and report["usable"] is False
    error = report["error"]
    assert isinstance(error, dict) and error["code"] == code and told in error["en"]
    assert error["vi"] != error["en"] and "detection.labels" in error["remedy"]["vi"]
    assert main(["model", "check", str(model), *map(str, labels)]) == 1
    assert told in capsys.readouterr().err


def test_bad_input_is_one_clear_line(tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = constant_model(tmp_path / "street.onnx", yolox_of(80, 1))
    (tmp_path / "text.jpg").write_text("no picture")
    for arguments, said in (
        ([tmp_path / "none.onnx"], "No such file"),
        ([model, "--picture", tmp_path / "none.jpg"], "none.jpg"),
        ([model, "--picture", tmp_path / "text.jpg"], "text.jpg"),
        ([model, "--picture", photo, "--draw", tmp_path / "no" / "out.jpg"], "out.jpg"),
        ([model, "--picture", photo, "--draw", tmp_path / "out.xyz"], "out.xyz"),
    ):
        assert main(["model", "check", *map(str, arguments), "--runs", "1"]) == 1
        assert said in capsys.readouterr().err


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims to be so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_picture_that_claims_to_be_vast_and_one_that_never_ends_are_told(tmp_path: Path) -> None:
    path = tmp_path / "vast.png"
    path.write_bytes(png_of(60000, 60000))
    with pytest.raises(StorageError, match="too large"):
        read_picture(path)
    with pytest.raises(StorageError) as told:
        read_picture(Path("/dev/zero"))
    assert "no picture" in told.value.text.en and "không phải ảnh" in told.value.text.vi


def test_a_drawing_does_not_replace_its_picture_a_link_or_a_device(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, link, precious = tmp_path / "street.onnx", tmp_path / "link.png", photo.read_bytes()
    constant_model(model, {"output": yolox_rows()})
    link.symlink_to(tmp_path / "target.png")
    for target, code, said in ((photo, 78, "write over"), (link, 1, "ordinary"), (Path("/dev/null"), 1, "ordinary")):
        given = ["model", "check", str(model), "--picture", str(photo), "--draw", str(target), "--runs", "1"]
        assert main(given) == code
        assert said in capsys.readouterr().err
    assert photo.read_bytes() == precious and link.is_symlink() and not link.exists()


def test_what_cannot_be_drawn_leaves_nothing_and_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, out = np.full((96, 192, 3), 90, np.uint8), tmp_path / "out.png"
    link = tmp_path / "link.png"
    link.symlink_to("/dev/null")
    with pytest.raises(StorageError, match="ordinary"):
        write_found(link, picture, ())
    link.unlink()
    with pytest.raises(StorageError) as told:
        write_found(tmp_path / "out.xyz", picture, ())
    assert "không phải .jpg" in told.value.text.vi and told.value.hint and ".png" in told.value.hint.en

    def full(path: Path, _: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left") as told:
        write_found(out, picture, ())
    assert told.value.hint and list(tmp_path.iterdir()) == []
