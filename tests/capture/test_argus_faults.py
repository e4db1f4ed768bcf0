"""Every way a Jetson's camera can fail: with the real gst-launch where it can be had, else with what it would print."""

import os
import signal
import threading
from pathlib import Path

import pytest

from agent.capture.isolated.aside import Aside
from agent.capture.jetson.pipeline import JETSON, JETSON_NO_ENCODER, Elements
from agent.errors import CameraError
from tests.capture.argus_stand_in import (
    CHATTER,
    NO_CAMERA,
    NO_DAEMON,
    NO_SESSION,
    REAL,
    TIMED_OUT,
    Open,
    failure,
    gone,
    pretend,
    read,
    section,
)

pytestmark = pytest.mark.real


def test_a_child_that_stands_still(argus: Open) -> None:
    source = argus(section())
    read(source, 5)
    os.kill(source.pid, signal.SIGSTOP)
    error = failure(source)
    assert error.code == "camera_stuck" and "sudo systemctl restart nvargus-daemon" in str(error.hint)
    assert gone(source.pid)


def test_a_child_that_is_killed(argus: Open) -> None:
    source = argus(section())
    read(source, 5)
    os.kill(source.pid, signal.SIGKILL)
    assert failure(source).code == "camera_crashed"
    assert gone(source.pid)


def test_a_stop_does_not_wait_for_a_child_that_stands_still(argus: Open) -> None:
    stop = threading.Event()
    source = argus(section(timeout="300s"), stop=stop)
    read(source, 5)
    os.kill(source.pid, signal.SIGSTOP)
    stop.set()
    while source.read():  # what was on its way
        pass
    source.close()
    assert gone(source.pid)


def test_a_child_that_stops_inside_a_packet_is_noticed(
    argus: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.capture.jetson.launch.BREAK_S", 0.5)
    # The first five bytes of a Matroska header, and then nothing more.
    number = """printf '%s' "$*" | sed 's/.*fdsink fd=\\([0-9]*\\).*/\\1/'"""
    pretend(tmp_path, monkeypatch, f"printf '\\032\\105\\337\\243\\243' >/proc/self/fd/$({number}); exec sleep 1000")
    source = argus(section())
    assert failure(source).code == "camera_stuck"
    assert gone(source.pid)


def test_a_child_that_the_kernel_keeps_is_put_aside(argus: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = Aside()
    source = argus(section(), aside=aside)
    read(source, 1)
    monkeypatch.setattr("agent.capture.isolated.process.KILL_S", 0.0)
    monkeypatch.setattr("agent.capture.isolated.process.os.killpg", lambda pid, number: None)
    os.kill(source.pid, signal.SIGSTOP)  # else its next write ends it: the pipe has no reader any more
    source.close()
    assert aside.total == 1 and aside.holder("gate") == source.pid
    with pytest.raises(CameraError) as caught:
        argus(section(), aside=aside)
    assert caught.value.code == "camera_unkillable"
    os.kill(source.pid, signal.SIGKILL)


@pytest.mark.parametrize("elements", [JETSON, JETSON_NO_ENCODER])
def test_a_machine_without_nvidias_parts(argus: Open, elements: Elements) -> None:
    error = failure(argus(section(), elements))
    assert "nvarguscamerasrc" in error.text.vi and "nvidia-l4t-gstreamer" in str(error.hint)


def test_a_machine_without_gstreamer(argus: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CameraError) as caught:
        argus(section())
    assert "gst-launch-1.0" in caught.value.text.en and "gstreamer1.0-tools" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("printed", "code", "remedy"),
    [
        (NO_CAMERA, "camera_absent", "jetson-io.py"),
        (NO_DAEMON, "camera_stuck", "restart nvargus-daemon"),
        (NO_SESSION, "camera_stuck", "restart nvargus-daemon"),
        (TIMED_OUT, "camera_stuck", "restart nvargus-daemon"),
        ("ERROR: from element /GstPipeline:p/GstX:x: Internal data stream error.\n\x1b[31m", "camera_crashed", ""),
    ],
    ids=["no camera", "no daemon", "no session", "timeout", "something else"],
)
def test_what_the_camera_stack_prints_is_told_in_words(
    argus: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, code: str, remedy: str
) -> None:
    pretend(tmp_path, monkeypatch, f"cat <<'END'\n{CHATTER}\n{printed}\nEND")
    error = failure(argus(section()))
    assert error.code == code and remedy in str(error.hint)
    assert error.text.en != error.text.vi and "\x1b" not in str(error)


def test_a_flood_of_words_is_bounded(argus: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, monkeypatch, f"yes '{'x' * 3000}' &\nexec {REAL} \"$@\"")
    source = argus(section())
    read(source, 5)
    assert len(source._launch.lines) <= 60 and max(map(len, source._launch.lines)) <= 500
    assert len(source._launch._rest) <= 500
