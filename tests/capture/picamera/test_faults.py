"""Each way the camera stack fails, told by the real child program or noticed by the agent."""

import os
import sys
from pathlib import Path

import pytest

from agent.capture.isolated import source as waiting
from agent.capture.isolated.aside import Aside
from agent.capture.picamera.words import CABLE
from agent.capture.picamera2 import SystemPython, open_picamera2
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.errors import CameraError
from agent.values import Packet
from tests.capture.picamera.cameras import MASK, SMALL, Start, black, decoded, failure, section, taken


def test_a_mask_that_cannot_be_painted_stops_the_camera(start: Start) -> None:
    source = start(section(privacy_masks=MASK), fault="no_mapping", after=5)
    packets: list[Packet] = []
    with pytest.raises(CameraError) as caught:
        while True:
            packets += [item for item in source.read() or () if isinstance(item, Packet)]
    assert caught.value.code == "camera_mask"
    assert all(black(picture) for picture in (decoded(packets) if packets else ()))
    assert len(packets) <= 5


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("absent", "camera_absent", "rpicam-hello --list-cameras"),
        ("busy", "camera_permission", "Device or resource busy"),
        ("denied", "camera_permission", "usermod -aG video"),
        ("refuses", "camera_settings", "Invalid camera configuration"),
        ("no_encoder", "camera_encoder", "/dev/video11"),
        ("encoder_dies", "camera_encoder", "Input/output error"),
        ("crashes", "camera_crashed", "thread.cpp:42"),
    ],
)
def test_what_is_told_of_each_failure(start: Start, fault: str, code: str, says: str) -> None:
    told = failure(start(section(), fault=fault))
    assert told.code == code
    assert says in str(told)


@pytest.mark.parametrize("board", ["vc4", "pisp"])
def test_an_encoder_that_dies_in_its_own_thread(start: Start, board: str) -> None:
    assert failure(start(section(), board=board, fault="encoder_dies")).code == "camera_encoder"


def test_a_loose_ribbon_is_told_with_the_cable_as_the_remedy(start: Start, tmp_path: Path) -> None:
    source = start(section(timeout="1s"), fault="timed_out")
    told = failure(source)
    assert told.code == "camera_timeout" and told.hint is CABLE
    source.close()
    assert "stop" not in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_an_encoder_that_gives_nothing_more(start: Start) -> None:
    assert failure(start(section(timeout="1s"), fault="encoder_hangs")).code == "camera_encoder"


@pytest.mark.long("as one that never opens")
def test_a_stack_that_hangs_is_killed(start: Start) -> None:
    source = start(section(timeout="1s"), fault="frozen")
    pid = source.child.pid
    told = failure(source)
    assert told.code in ("camera_timeout", "camera_stuck") and told.hint is CABLE
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stack_that_never_opens_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "OPEN_S", 0.5)
    monkeypatch.setattr(waiting, "SIGN_S", 1.0)
    source = start(section(timeout="1s"), fault="hangs_open")
    told = failure(source)
    assert told.code == "camera_stuck" and told.hint is CABLE
    with pytest.raises(ProcessLookupError):
        os.kill(source.child.pid, 0)


def test_closing_never_asks_the_camera_stack_to_stop(start: Start, tmp_path: Path) -> None:
    source = start(section(), fault="anything")
    taken(source, 3)
    pid = source.child.pid
    source.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "stop" not in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_without_the_library_the_package_to_install_is_named() -> None:
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    source = open_picamera2(section(), reading, Aside(), SystemPython(sys.executable))
    told = failure(source)
    source.close()
    assert told.code == "camera_library"
    assert "sudo apt install -y python3-picamera2" in str(told)


def test_neither_is_numpy_there_without_the_library(tmp_path: Path) -> None:
    # A fresh Raspberry Pi OS has none of the two: picamera2's package brings NumPy.
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError(\"No module named 'numpy'\")")
    python = SystemPython(sys.executable, {"PYTHONPATH": str(tmp_path)})
    source = open_picamera2(section(), Reading(Clock(), Wants(packets=True, frames=True)), Aside(), python)
    told = failure(source)
    source.close()
    assert told.code == "camera_library" and "python3-picamera2" in str(told)


def test_a_setting_that_this_camera_has_not_is_named(start: Start) -> None:
    camera = section(picamera2={**SMALL, "focus": "fixed", "focus_distance": 2.0})
    told = failure(start(camera, missing=["AfMode", "LensPosition", "AfTrigger"]))
    assert told.code == "camera_settings"
    assert "`focus`, `focus_distance`" in str(told)


def test_high_dynamic_range_of_a_sensor_that_has_none_is_refused(start: Start) -> None:
    told = failure(start(section(picamera2={**SMALL, "hdr": "sensor"}), model="imx219"))
    assert told.code == "camera_settings" and "`hdr: sensor` (imx219)" in str(told)
