from pathlib import Path

import pytest

from agent.cli import main

CONFIG = """
node: {id: n1, ward: w1, data_dir: %s}
mqtt: {url: "mqtts://h"}
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
