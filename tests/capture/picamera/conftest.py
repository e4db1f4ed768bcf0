import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.capture.attention import Attention
from agent.capture.isolated.aside import Aside
from agent.capture.picamera2 import Picamera2Source, SystemPython, open_picamera2
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from tests.capture.picamera.cameras import DOUBLE, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Opens a camera on the double; keyword arguments are its switches."""
    opened: list[Picamera2Source] = []

    def start(camera: CameraSection, attention: Attention | None = None, **switches: object) -> Picamera2Source:
        told = {"told": str(tmp_path / "told"), **switches}
        env = {"PYTHONPATH": str(DOUBLE), "PICAMERA2_DOUBLE": json.dumps(told)}
        reading = Reading(Clock(), Wants(packets=True, frames=True), attention=attention)
        opened.append(open_picamera2(camera, reading, Aside(), SystemPython(sys.executable, env)))
        return opened[-1]

    yield start
    for source in opened:
        source.close()
