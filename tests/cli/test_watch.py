"""`camera-agent watch` and the node's own certificate, with certificates of a real authority."""

from pathlib import Path

import pytest
import yaml

from agent.cli import main
from deploy.ward import WardError
from deploy.ward.broker import free_port
from deploy.ward.certificates import issue


def config_with(folder: Path, ca: Path, name: str) -> Path:
    try:
        pair = issue(ca, name)
    except WardError as error:
        pytest.skip(str(error))
    tree = {
        "node": {"id": "node-7", "ward": "test", "data_dir": str(folder / "data")},
        "mqtt": {"url": f"mqtts://localhost:{free_port()}"},
        "tls": {"ca": str(pair.ca), "cert": str(pair.cert), "key": str(pair.key)},
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return path


def test_the_node_s_own_certificate_is_not_used(tmp_path: Path, ca: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--config", str(config_with(tmp_path, ca, "node-7"))]) == 1
    assert "this node's own certificate" in capsys.readouterr().err


def test_a_certificate_of_the_staff_is_used(tmp_path: Path, ca: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--config", str(config_with(tmp_path, ca, "ward.desk"))]) == 1
    said = capsys.readouterr().err
    assert "own certificate" not in said
    assert "localhost" in said  # it got as far as a broker that is not there
