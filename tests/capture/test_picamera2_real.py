"""`make test-picamera2`: the same child program on the real picamera2 and libcamera, and the double beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.masks import SMALL, plain_masks
from agent.capture.picamera2 import Picamera2Source, settings_of
from agent.capture.stream import Reading, Wants
from agent.clock import NS, Clock
from agent.config.camera import CameraSection
from tests.capture.masking import TOLERANCE, worst
from tests.capture.masking import planes as planes_of
from tests.capture.picamera.cameras import DOUBLE, MASK, decoded, failure, section, taken
from tests.capture.picamera2_real.root import RootError, entry, picamera2_root, shapes

pytestmark = pytest.mark.skipif("PICAMERA2" not in os.environ, reason="slow and as root: make test-picamera2")
MAIN, LORES = (1024, 768), (512, 384)  # the virtual camera's own


@pytest.fixture(scope="module")
def root() -> Path:
    try:
        return picamera2_root()
    except RootError as error:
        pytest.skip(str(error))


@pytest.fixture
def opened() -> Iterator[list[Picamera2Source]]:
    sources: list[Picamera2Source] = []
    yield sources
    for source in sources:
        source.close()


def camera(**settings: object) -> CameraSection:
    size = {"width": MAIN[0], "height": MAIN[1], "fps": 30}
    return section(picamera2=size, timeout="8s", **settings)


def start(program: Path, camera: CameraSection) -> Picamera2Source:
    small = tuple((left, top, right, bottom) for left, top, right, bottom in plain_masks(camera, *LORES, SMALL))
    settings = replace(settings_of(camera), lores=LORES, lores_masks=small, pixel_format="NV12")
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    return Picamera2Source(IsolatedSource(camera, reading, ChildCommand((str(program),), settings.job), Aside()))


def test_double_and_real_have_the_same_shape(root: Path) -> None:
    command = (sys.executable, str(Path(__file__).with_name("picamera2_real") / "shapes.py"))
    env = {**os.environ, "PYTHONPATH": str(DOUBLE)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    double, real = json.loads(done.stdout), json.loads(shapes(root))
    assert double == real


def test_packets_frames_and_stamps(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    opened.append(start(entry(root, tmp_path / "run"), camera()))
    packets, frames = taken(opened[0], 90, 10)
    now_ns = Clock().now().mono_ns
    assert packets[0].key and packets[0].pts == 0
    assert sum(packet.key for packet in packets) == -(-len(packets) // 60)  # a key frame every 60 pictures
    assert all(after.pts > before.pts for before, after in pairwise(packets))
    assert all(0 < now_ns - packet.at.mono_ns < 20 * NS for packet in packets)
    assert len(decoded(packets)) == len(packets) >= 90
    stamps = {packet.at.mono_ns for packet in packets}
    assert sum(frame.at.mono_ns in stamps for frame in frames) >= 5
    assert all(frame.luma.shape == (384, 512) and frame.u.shape == (192, 256) for frame in frames)
    assert all(int(np.ptp(frame.luma)) > 100 for frame in frames)  # colour bars
    assert opened[0].counts().encoder == "libx264"


def test_masks_are_in_the_camera_s_own_buffers(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    opened.append(start(entry(root, tmp_path / "run"), camera(privacy_masks=MASK)))
    packets, frames = taken(opened[0], 60, 5)
    assert all(worst(planes_of(picture), MASK.values()) <= TOLERANCE for picture in decoded(packets))
    assert all(worst((frame.luma, frame.u, frame.v), MASK.values()) == 0 for frame in frames)


def test_a_callback_that_raises_lets_no_picture_out(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    opened.append(start(entry(root, tmp_path / "run", BREAK_MAPPING="1"), camera(privacy_masks=MASK)))
    assert failure(opened[0]).code == "camera_mask"
    assert opened[0].counts().pictures == 0


def test_a_board_without_its_encoder(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    opened.append(start(entry(root, tmp_path / "run", PI_4="1"), camera()))
    told = failure(opened[0])
    assert told.code == "camera_encoder" and "/dev/video11" in str(told)


def test_a_camera_that_is_not_there(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    opened.append(start(entry(root, tmp_path / "run"), camera(source="picamera2:5")))
    assert failure(opened[0]).code == "camera_absent"


def test_a_control_that_the_camera_has_not(root: Path, tmp_path: Path, opened: list[Picamera2Source]) -> None:
    size = {"width": MAIN[0], "height": MAIN[1], "fps": 30, "focus": "fixed"}
    opened.append(start(entry(root, tmp_path / "run"), section(picamera2=size, timeout="8s")))
    told = failure(opened[0])
    assert told.code == "camera_settings" and "`focus`" in str(told)
