"""GStreamer's own parts in the place of NVIDIA's, in the same pipeline; programs that stand in for gst-launch-1.0."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.capture.argus import ArgusSource, open_argus
from agent.capture.attention import Attention
from agent.capture.isolated.aside import Aside
from agent.capture.jetson.pipeline import Elements
from agent.capture.source import Source
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet

BOTH = Wants(packets=True, frames=True)
Open = Callable[..., ArgusSource]
REAL = shutil.which("gst-launch-1.0")
PARTS = ("x264enc", "h264parse", "matroskamux", "gdkpixbufoverlay", "videorate", "videoflip", "videotestsrc")
STAND_IN = Elements(
    source="videotestsrc is-live=true pattern=smpte",
    memory="",
    convert="videoscale ! videoconvert",
    turn="videoflip video-direction=180",
    encoder="videoconvert ! video/x-raw,format=I420 ! x264enc bitrate={kbps} key-int-max={gop} tune=zerolatency "
    "speed-preset=ultrafast threads=1 option-string=scenecut=0",
    name="x264enc",
)
# As printed by JetPack 5 and 6, to stdout.
CHATTER = """GST_ARGUS: Creating output stream
CONSUMER: Waiting until producer is connected...
GST_ARGUS: Available Sensor modes :
GST_ARGUS: 3280 x 2464 FR = 21.000000 fps Duration = 47619048 ; Analog Gain range min 1.000000, max 10.625000;
GST_ARGUS: Running with following settings:
   Camera index = 0
NvMMLiteOpen : Block : BlockType = 4
H264: Profile = 66, Level = 0"""
SOURCE = (
    "Error generated. /dvs/git/dirty/git-master_linux/multimedia/nvgstreamer/gst-nvarguscamera/gstnvarguscamerasrc.cpp"
)
NO_CAMERA = f"{SOURCE}, execute:751 No cameras available"
NO_SESSION = f"{SOURCE}, execute:736 Failed to create CaptureSession"
NO_DAEMON = (
    "(Argus) Error FileOperationFailed: Connecting to nvargus-daemon failed: No such file or directory (in "
    "src/rpc/socket/client/SocketClientDispatch.cpp, function openSocketConnection(), line 204)\n"
    "(Argus) Error FileOperationFailed: Cannot create camera provider (in src/rpc/socket/client/"
    f"SocketClientDispatch.cpp, function createCameraProvider(), line 106)\n{NO_CAMERA}"
)
TIMED_OUT = "(Argus) Error Timeout:  (propagating from src/rpc/socket/client/SocketClientDispatch.cpp, line 87)"


def need_gstreamer() -> None:
    """Skips where GStreamer is not installed."""
    inspect = shutil.which("gst-inspect-1.0")
    if (
        not inspect
        or not REAL
        or any(subprocess.run([inspect, "--exists", part], check=False).returncode for part in PARTS)
    ):
        pytest.skip("no GStreamer: apt install gstreamer1.0-tools gstreamer1.0-plugins-good -bad -ugly")


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program that is found as gst-launch-1.0."""
    program = folder / "gst-launch-1.0"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def section(**settings: object) -> CameraSection:
    pictures = {"width": 640, "height": 360, "fps": 15}
    asked = {"id": "gate", "source": "argus", "argus": pictures, "timeout": "1s"}
    return CameraSection.model_validate(asked | settings)


@pytest.fixture
def argus() -> Iterator[Open]:
    """Opens cameras; all end with the test."""
    need_gstreamer()
    sources: list[ArgusSource] = []

    def make(
        camera: CameraSection,
        elements: Elements = STAND_IN,
        stop: threading.Event | None = None,
        aside: Aside | None = None,
        attention: Attention | None = None,
    ) -> ArgusSource:
        reading = Reading(Clock(), BOTH, stop or threading.Event(), attention)
        sources.append(open_argus(camera, reading, aside or Aside(), elements))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


def read(source: Source, packets: int, frames: int = 1) -> tuple[list[Packet], list[Frame]]:
    found: list[Packet | Frame] = []
    while True:
        found += source.read() or ()
        main = [item for item in found if isinstance(item, Packet)]
        small = [item for item in found if isinstance(item, Frame)]
        if len(main) >= packets and len(small) >= frames:
            return main, small


def failure(source: Source) -> CameraError:
    with pytest.raises(CameraError) as caught:
        while True:
            source.read()
    return caught.value


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
