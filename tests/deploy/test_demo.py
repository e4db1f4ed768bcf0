"""`make demo`: the whole main job in one command, and nothing left behind after Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from deploy import assets
from deploy.ward import WardError, free_port
from deploy.ward.broker import find_mosquitto
from deploy.ward.uploads import install_server
from deploy.ward.ward import default_cache

pytestmark = pytest.mark.real
ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 120.0
WANTED = ("Node is online", "cameras working", "forbidden zone")
DELIVERED = ("clip delivered", "✓)")


@pytest.fixture(autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")
    try:
        find_mosquitto(default_cache())
        install_server(default_cache())
    except (WardError, assets.AssetError) as error:
        pytest.skip(str(error))


class Demo:
    """A running demo; `text` is what its terminal shows."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.demo", *arguments],
            cwd=ROOT,
            env={**os.environ, "CAMERA_AGENT_LANG": "en"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = ""
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._grown:
                self.text += line
                self._grown.notify_all()
        with self._grown:
            self.text += "<end>"
            self._grown.notify_all()

    def wait_for(self, *wanted: str) -> None:
        """Until the terminal shows all of `wanted`."""

        def there() -> bool:
            return all(one in self.text for one in wanted) or "<end>" in self.text

        with self._grown:
            assert self._grown.wait_for(there, PATIENCE_S), self.text
        assert all(one in self.text for one in wanted), self.text

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.mark.parametrize(
    "delivered",
    [False, pytest.param(True, marks=pytest.mark.long("a clip of the demo is up to 20 s long"))],
    ids=["until an event", "until a clip"],
)
def test_the_demo_does_the_main_job_and_ctrl_c_leaves_nothing(delivered: bool) -> None:
    port = free_port()
    demo = Demo("--port", str(port))
    try:
        demo.wait_for(f"http://127.0.0.1:{port}/", *WANTED)
        picture = httpx.get(f"http://127.0.0.1:{port}/live/gate.jpg", timeout=PATIENCE_S)
        assert picture.status_code == 200 and picture.content[:2] == b"\xff\xd8"
        events = httpx.get(f"http://127.0.0.1:{port}/events.json", timeout=PATIENCE_S).json()["events"]
        assert events
        if delivered:
            demo.wait_for(*DELIVERED)
            events = httpx.get(f"http://127.0.0.1:{port}/events.json", timeout=PATIENCE_S).json()["events"]
            played = next(event for event in events if event["clip"] == "uploaded")
            clip = httpx.get(f"http://127.0.0.1:{port}/clip/{played['id']}.mp4", timeout=PATIENCE_S)
            assert clip.status_code == 200 and clip.content[4:8] == b"ftyp"
        children = demo.family()
        assert len(children) >= 4, children  # broker, upload server, watcher, agent
    finally:
        demo.process.send_signal(signal.SIGINT)
        code = demo.process.wait(PATIENCE_S)
    assert code == 0, demo.text
    demo.wait_for("Node was stopped")
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    assert "Traceback" not in demo.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--video", "/nowhere/street.mp4"), "/nowhere/street.mp4"),
        (("--model", "/nowhere/model.onnx"), "/nowhere/model.onnx"),
        (("--rtsp", "192.168.1.20"), "rtsp://192.168.1.20/stream1"),
        (("--camera", "video0"), "/dev/video0"),
    ],
    ids=["video", "model", "rtsp", "camera"],
)
def test_a_file_that_is_not_there_is_one_clear_line(arguments: tuple[str, str], said: str) -> None:
    demo = Demo(*arguments)
    assert demo.process.wait(PATIENCE_S) == 1
    demo.wait_for(said)
    assert "Traceback" not in demo.text
