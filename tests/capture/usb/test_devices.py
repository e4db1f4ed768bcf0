import errno
from pathlib import Path

import pytest

from agent.capture.usb import ioctl
from agent.capture.usb.devices import advice, stable_name
from agent.capture.usb.formats import device_formats, from_os
from agent.errors import CameraError
from tests.capture.kernel import WrittenDevice

WEBCAM = WrittenDevice({"MJPG": {(1280, 720): [(1, 30)]}, "RGB3": {(640, 480): [(1, 30)]}}, emulated=("RGB3",))
METADATA = WrittenDevice({}, caps=0x04A0_0000)


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /dev with a webcam's two nodes, the first with a stable name."""
    for name in ("video0", "video1", "video10", "videology"):
        (tmp_path / name).touch()
    by_id = tmp_path / "v4l" / "by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-Maker_Camera_123-video-index0").symlink_to("../../video10")
    (by_id / "usb-Maker_Camera_123-video-index1").symlink_to("../../video1")

    def ask(device: int, request: int, buffer: bytearray) -> object:
        path = Path(f"/proc/self/fd/{device}").readlink()
        if path.name == "video0":
            raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")
        return (METADATA if path.name == "video1" else WEBCAM)(device, request, buffer)

    monkeypatch.setattr("agent.capture.usb.ioctl.fcntl.ioctl", ask)
    for name in ("capability", "pixel_formats", "sizes", "rates"):
        function = getattr(ioctl, name)
        monkeypatch.setattr(function, "__defaults__", (*(function.__defaults__ or ())[:-1], ask))
    return tmp_path


def test_a_camera_by_its_stable_name(dev: Path) -> None:
    name = stable_name(dev / "video10", dev)
    assert name == dev / "v4l/by-id/usb-Maker_Camera_123-video-index0"
    found = device_formats(str(name))
    assert found.card == "USB Camera: é"
    assert [one.codec for one in found.formats] == ["mjpeg"]  # what a library would convert does not count


def test_a_metadata_node_is_refused_and_the_right_one_named(dev: Path) -> None:
    with pytest.raises(CameraError) as caught:
        device_formats(str(dev / "v4l/by-id/usb-Maker_Camera_123-video-index1"))
    assert caught.value.code == "camera_codec" and "-video-index0" in str(caught.value.hint)


def test_what_is_no_camera_at_all() -> None:
    with pytest.raises(CameraError) as caught:
        device_formats("/dev/null")
    assert caught.value.code == "camera_codec"


def test_an_unplugged_camera_is_absent(dev: Path) -> None:
    (dev / "video10").unlink()
    with pytest.raises(CameraError) as caught:
        device_formats(str(dev / "v4l/by-id/usb-Maker_Camera_123-video-index0"))
    assert caught.value.code == "camera_absent"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (errno.ENODEV, "camera_absent"),
        (errno.EIO, "camera_absent"),
        (errno.EACCES, "camera_permission"),
        (errno.EBUSY, "camera_permission"),
        (errno.EINVAL, "camera_codec"),
    ],
)
def test_what_the_kernels_errors_mean(code: int, name: str) -> None:
    assert from_os(OSError(code, "words"), "/dev/video0").code == name


def test_the_number_of_a_device_is_advised_against(dev: Path) -> None:
    told = advice("/dev/video10", dev)
    assert told is not None and "usb-Maker_Camera_123-video-index0" in told.en and told.en != told.vi
    unnamed = advice("/dev/video0", dev)
    assert unnamed is not None and "/dev/v4l/by-id/" in unnamed.en
    assert advice("/dev/v4l/by-id/usb-Maker_Camera_123-video-index0", dev) is None
    assert stable_name(dev / "video99", dev) is None
