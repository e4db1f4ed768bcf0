import errno
from pathlib import Path

import av
import pytest

from agent.capture.problems import WORDS, from_av, problem
from agent.capture.stream import Reading, Wants
from agent.capture.v4l2 import open_v4l2
from agent.config.camera import CameraSection
from agent.contract.faults import CODES as FAULTS
from agent.errors import CameraError
from agent.values import Frame, Packet
from tests.capture.clocks import HandClock

BOTH = Wants(packets=True, frames=True)


def section(path: str | Path, **settings: object) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": str(path), **settings})


def test_an_absent_device() -> None:
    with pytest.raises(CameraError) as caught:
        open_v4l2(section("/dev/video99"), Reading(HandClock(), BOTH))
    assert caught.value.code == "camera_absent"


def test_a_device_that_is_no_camera() -> None:
    with pytest.raises(CameraError) as caught:
        open_v4l2(section("/dev/null"), Reading(HandClock(), BOTH))
    assert caught.value.code in ("camera_codec", "camera_absent")


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("v4l2", av.error.FileNotFoundError(errno.ENOENT, "No such file"), "camera_absent"),
        ("v4l2", av.error.PermissionError(errno.EACCES, "Permission denied"), "camera_permission"),
        ("v4l2", av.error.OSError(errno.EBUSY, "Device or resource busy"), "camera_permission"),
        ("v4l2", av.error.ArgumentError(errno.EINVAL, "Invalid argument"), "camera_codec"),
        ("rtsp", av.error.OSError(errno.EHOSTUNREACH, "No route to host"), "camera_unreachable"),
        ("rtsp", av.error.OSError(errno.EIO, "Input/output error"), "camera_unreachable"),
        ("rtsp", av.error.TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "camera_unreachable"),
        ("rtsp", av.error.HTTPForbiddenError(1, "403"), "camera_auth"),
        ("file", av.error.InvalidDataError(1, "Invalid data"), "camera_file"),
    ],
)
def test_what_each_failure_is_called(kind: str, error: av.FFmpegError, code: str) -> None:
    assert from_av(error, kind, "the-address").code == code


def test_permission_names_the_group_and_the_command() -> None:
    made = from_av(av.error.PermissionError(errno.EACCES, "Permission denied"), "v4l2", "/dev/video0")
    assert "usermod -aG video" in str(made.hint) and "`video`" in str(made.hint)


def test_every_problem_is_told_in_both_languages() -> None:
    for name, (text, hint) in WORDS.items():
        assert problem(name, "x").code in FAULTS
        assert text.en != text.vi and hint.en != hint.vi
        assert text.en.count("{") == text.vi.count("{") and hint.en.count("{") == hint.vi.count("{")


@pytest.fixture
def device(tmp_path: Path, drawn_mjpeg: Path) -> Path:
    """A recording of what a USB camera sends, opened by another demuxer in place of the driver."""
    path = tmp_path / "camera.avi"
    path.write_bytes(drawn_mjpeg.read_bytes())
    return path


def test_pictures_of_a_webcam_are_refused_without_leave(device: Path) -> None:
    with pytest.raises(CameraError) as caught:
        open_v4l2(section(device), Reading(HandClock(), BOTH), demuxer="avi")
    assert caught.value.code == "camera_codec"


def test_pictures_of_a_webcam_are_encoded_with_leave(device: Path) -> None:
    source = open_v4l2(
        section(device, transcode=True, v4l2={"width": 320, "height": 180}), Reading(HandClock(), BOTH), demuxer="avi"
    )
    items = [item for _ in range(10) for item in source.read() or ()]
    assert [item.format.codec for item in items if isinstance(item, Packet)] == ["h264"] * 10
    assert all(item.u.shape == (90, 160) for item in items if isinstance(item, Frame))
    source.close()
