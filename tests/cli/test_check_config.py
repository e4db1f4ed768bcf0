from pathlib import Path

import pytest

from agent.cli import main

CONFIG = """
node: {id: n1, ward: w1, data_dir: %s}
mqtt: {url: "mqtts://h"}
retention: {max_days: 30}
cameras:
  - {id: gate, source: %s}
"""


def test_a_device_number_is_advised_against(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(CONFIG % (tmp_path, "/dev/video97"))
    assert main(["check-config", str(file)]) == 0
    told = capsys.readouterr().out
    assert "gate" in told and "/dev/video97" in told and "/dev/v4l/by-id/" in told
    file.write_text(CONFIG % (tmp_path, "/dev/v4l/by-id/usb-Maker_Camera_1-video-index0"))
    assert main(["check-config", str(file)]) == 0
    assert "gate" not in capsys.readouterr().out


def test_classes_are_held_against_the_labels_of_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "    rules: [{rule: intrusion, classes: [xe ba gác]}]\n"
    camera = "cameras:\n  - id: gate\n    source: street.mp4\n" + rule
    labels, file = tmp_path / "labels.txt", tmp_path / "c.yaml"
    head = f"node: {{id: n1, ward: w1, data_dir: {tmp_path}}}\nmqtt: {{url: 'mqtts://h'}}\nretention: {{max_days: 9}}\n"
    file.write_text(head + camera, encoding="utf-8")
    assert main(["check-config", str(file)]) == 78
    assert "unknown class 'xe ba gác'" in capsys.readouterr().err
    file.write_text(f"{head}detection: {{labels: {labels}}}\n{camera}", encoding="utf-8")
    assert main(["check-config", str(file)]) == 0, "loading a configuration does not read the labels"
    assert "No such file" in capsys.readouterr().out
    labels.write_text("xe máy\n", encoding="utf-8")
    assert main(["check-config", str(file)]) == 0
    assert "gate/intrusion (xe ba gác)" in capsys.readouterr().out
    labels.write_text("xe máy\nxe ba gác\n", encoding="utf-8")
    assert main(["check-config", str(file)]) == 0
    assert "gate/intrusion" not in capsys.readouterr().out
    file.write_text(f"{head}detection: {{labels: from-model}}\n{camera}", encoding="utf-8")
    assert main(["check-config", str(file)]) == 0
    assert "camera-agent model check" in capsys.readouterr().out


def test_certificate_files_that_are_not_here_are_remarked_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, cert, key = tmp_path / "c.yaml", tmp_path / "node.crt", tmp_path / "node.key"
    key.touch()
    file.write_text(CONFIG % (tmp_path, "street.mp4") + f"tls: {{cert: {cert}, key: {key}}}\n")
    for language in ("en", "vi"):
        monkeypatch.setenv("CAMERA_AGENT_LANG", language)
        assert main(["check-config", str(file)]) == 0
        told = capsys.readouterr().out
        assert str(cert) in told and str(key) not in told and "camera-agent enrol" in told
    cert.touch()
    assert main(["check-config", str(file)]) == 0
    assert "enrol" not in capsys.readouterr().out


def test_what_the_law_wants_told_is_advised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, plain = tmp_path / "c.yaml", CONFIG % (tmp_path, "street.mp4")
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    for notice, missing in (
        ("{}", "`purpose`, `controller`, `contact`"),
        ("{purpose: an ninh, contact: '113'}", "`controller`"),
    ):
        file.write_text(f"{plain}notice: {notice}\n", encoding="utf-8")
        assert main(["check-config", str(file)]) == 0
        assert f"hãy ghi {missing} trong mục `notice`" in capsys.readouterr().out
    file.write_text(plain + "notice: {purpose: an ninh, controller: UBND, contact: '113'}\n", encoding="utf-8")
    assert main(["check-config", str(file)]) == 0
    assert "notice" not in capsys.readouterr().out


def test_a_model_a_password_or_a_film_that_is_not_here_is_remarked_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, model, film = tmp_path / "c.yaml", tmp_path / "m.onnx", tmp_path / "film.mp4"
    text = CONFIG.replace("source: %s}", "source: %s, username: a, password_file: /nowhere/word}")
    file.write_text(text % (tmp_path, film) + f"detection: {{model: {model}}}\n")
    for language, words in (("en", "not on this device: "), ("vi", "thiết bị này không có: ")):
        monkeypatch.setenv("CAMERA_AGENT_LANG", language)
        assert main(["check-config", str(file)]) == 0
        told = capsys.readouterr().out
        for named in (f"{model} (`detection.model`)", f"{film} (`cameras[0].source`)"):
            assert words + named in told
        assert f"{words}/nowhere/word (`cameras[0].password_file`)" in told
    film.touch()
    model.touch()
    assert main(["check-config", str(file)]) == 0
    told = capsys.readouterr().out
    assert "detection.model" not in told and "cameras[0].source" not in told
