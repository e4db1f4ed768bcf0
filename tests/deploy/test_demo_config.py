"""What the demo writes is a configuration that the agent takes: for the street, for one's own video, for a camera."""

from pathlib import Path

import pytest

from agent.config.load import load_config
from deploy.demo.__main__ import network_camera
from deploy.demo.config import Places, Scene, demo_config


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(
    "scene",
    [
        Scene("/videos/street.mp4", transcode=False, street=True),
        Scene("/videos/ngõ nhà: 'tôi' #1.avi", transcode=True, street=False),
        Scene("/dev/video0", transcode=True, street=False),
        Scene("rtsp://192.168.1.20/stream1", transcode=True, street=False),
    ],
    ids=["street", "own", "camera", "rtsp"],
)
def test_the_agent_takes_what_the_demo_writes(scene: Scene, language: str, tmp_path: Path) -> None:
    places = Places(
        tmp_path / "node", "mqtt://127.0.0.1:1883", "http://127.0.0.1:8080/files", tmp_path / "m.onnx", 8480
    )
    written = tmp_path / "config.yaml"
    written.write_text(demo_config(scene, places, language), encoding="utf-8")
    config = load_config(written)
    assert config.cameras[0].source == scene.source
    assert len(config.cameras[0].rules) == 5


def test_the_login_in_an_address_goes_where_a_node_wants_it(tmp_path: Path) -> None:
    scene = network_camera("rtsp://admin:p%40ss:w@rd@192.168.1.20:554/stream1?x=1", tmp_path / "word")
    assert (scene.source, scene.username) == ("rtsp://192.168.1.20:554/stream1?x=1", "admin")
    assert scene.password_file is not None and scene.password_file.read_text(encoding="utf-8") == "p@ss:w@rd"
    assert scene.password_file.stat().st_mode & 0o777 == 0o600
    places = Places(
        tmp_path / "node", "mqtt://127.0.0.1:1883", "http://127.0.0.1:8080/files", tmp_path / "m.onnx", 8480
    )
    written = tmp_path / "config.yaml"
    written.write_text(demo_config(scene, places, "vi"), encoding="utf-8")
    assert load_config(written).cameras[0].username == "admin"
    assert network_camera("rtsp://192.168.1.20/stream1", tmp_path / "none").username is None
