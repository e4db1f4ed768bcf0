import errno
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import pytest

from agent.capture.encoder import AvPacket
from agent.capture.problems import WORDS, from_av, problem
from agent.capture.stream import Reading, Wants
from agent.capture.usb.formats import DeviceFormats
from agent.capture.v4l2 import V4l2Source, open_v4l2
from agent.config.camera import CameraSection
from agent.contract.faults import CODES as FAULTS
from agent.errors import CameraError
from agent.values import Frame, Packet
from tests.capture.clocks import HandClock
from tests.capture.kernel import offers
from tests.capture.videos import Recipe, drawn, encode

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


MJPEG = offers("camera.avi", {"MJPG": {(320, 180): (10,)}})
RAW = offers("camera.avi", {"YUYV": {(320, 180): (10,)}})


@pytest.fixture
def device(tmp_path: Path, drawn_mjpeg: Path) -> Path:
    """A recording of what a USB camera sends, opened by another demuxer in place of the driver."""
    path = tmp_path / "camera.avi"
    path.write_bytes(drawn_mjpeg.read_bytes())
    return path


@pytest.fixture(scope="session")
def drawn_yuyv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 s at 10 fps, 320x180, raw YUYV in AVI."""
    recipe = Recipe("rawvideo", gop=1, pix_fmt="yuyv422", container="avi")
    return encode(drawn(10), tmp_path_factory.mktemp("drawn") / "yuyv.avi", recipe)


def opened(path: Path, formats: DeviceFormats = MJPEG, **settings: object) -> V4l2Source:
    return open_v4l2(
        section(path, **{"transcode": True, **settings}), Reading(HandClock(), BOTH), "avi", lambda _: formats
    )


def test_pictures_of_a_webcam_are_refused_when_encoding_is_forbidden(device: Path) -> None:
    with pytest.raises(CameraError) as caught:
        opened(device, transcode=False)
    assert caught.value.code == "camera_codec"


@pytest.mark.parametrize("formats", [MJPEG, RAW])
def test_pictures_of_a_webcam_are_encoded(drawn_mjpeg: Path, drawn_yuyv: Path, formats: DeviceFormats) -> None:
    source = opened(drawn_mjpeg if formats is MJPEG else drawn_yuyv, formats)
    items = [item for _ in range(10) for item in source.read()]
    packets = [item for item in items if isinstance(item, Packet)]
    frames = [item for item in items if isinstance(item, Frame)]
    assert [packet.format.codec for packet in packets] == ["h264"] * 10
    assert [packet.key for packet in packets] == [True, *[False] * 9]
    assert len(frames) == 5 and all(frame.u.shape == (90, 160) for frame in frames)
    assert source.counts().encoder == "libx264" and source.counts().format == packets[0].format
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = packets[0].format.extradata
    decoded = [one for packet in packets for one in decoder.decode(av.Packet(packet.data))] + decoder.decode(None)
    assert len(decoded) == 10
    # The upper left corner tells the number of the picture, five steps of luma each.
    corner = [int(one.to_ndarray(format="gray")[4:12, 4:12].mean()) for one in decoded]
    assert all(25 < last - first < 65 for first, last in zip(corner, corner[8:], strict=False))
    source.close()


class Plugged:
    """An open recording that does what a driver does: damaged buffers, then an error."""

    def __init__(self, path: Path, after: Iterable[AvPacket | av.FFmpegError]) -> None:
        self._container = av.open(str(path))
        self._after = after
        self.closed = False

    @property
    def streams(self) -> object:
        return self._container.streams

    def demux(self, stream: av.VideoStream) -> Iterator[AvPacket]:
        for packet in self._container.demux(stream):
            if packet.size:
                yield packet
        for item in self._after:
            if isinstance(item, av.FFmpegError):
                raise item
            yield item

    def close(self) -> None:
        self.closed = True
        self._container.close()


def damaged() -> AvPacket:
    packet: AvPacket = av.Packet(b"")  # type: ignore[assignment]  # it is video
    packet.pts = packet.dts = 10_000
    return packet


def plugged(
    monkeypatch: pytest.MonkeyPatch, device: Path, after: Iterable[AvPacket | av.FFmpegError]
) -> tuple[V4l2Source, Plugged, HandClock]:
    driver, clock = Plugged(device, after), HandClock()
    monkeypatch.setattr("agent.capture.v4l2.av.open", lambda *_, **__: driver)
    source = open_v4l2(section(device, transcode=True), Reading(clock, BOTH), "avi", lambda _: MJPEG)
    for _ in range(10):
        assert source.read()
    return source, driver, clock


@pytest.mark.parametrize("code", [errno.ENODEV, errno.EIO])
def test_a_pulled_plug_is_an_absent_camera(monkeypatch: pytest.MonkeyPatch, device: Path, code: int) -> None:
    source, driver, _ = plugged(monkeypatch, device, [av.error.OSError(code, "gone")])
    with pytest.raises(CameraError) as caught:
        source.read()
    assert caught.value.code == "camera_absent" and "Plug" in str(caught.value.hint)
    source.close()
    assert driver.closed


def test_pictures_damaged_on_the_bus_are_counted_and_end_nothing(monkeypatch: pytest.MonkeyPatch, device: Path) -> None:
    source, _, clock = plugged(monkeypatch, device, (damaged() for _ in range(100)))
    before = source.counts()
    for _ in range(7):
        clock.pass_s(1)
        assert source.read() == ()
    assert source.counts().errors - before.errors == 7
    clock.pass_s(1)
    with pytest.raises(CameraError) as caught:
        source.read()
    assert caught.value.code == "camera_silent"


@pytest.mark.parametrize(
    ("code", "name", "word"),
    [
        (errno.ENOSPC, "camera_codec", "USB port"),
        (errno.EIO, "camera_silent", "another cable"),
        (errno.ENODEV, "camera_absent", "Plug"),
        (errno.EBUSY, "camera_permission", "fuser"),
    ],
)
def test_what_a_bus_answers_at_the_start(
    monkeypatch: pytest.MonkeyPatch, device: Path, code: int, name: str, word: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise av.error.OSError(code, "words")

    monkeypatch.setattr("agent.capture.v4l2.av.open", failing)
    with pytest.raises(CameraError) as caught:
        opened(device)
    assert caught.value.code == name and word in str(caught.value.hint)


def test_no_format_is_told_before_a_picture_is_encoded(device: Path) -> None:
    source = opened(device)
    assert source.counts().format is None and source.counts().encoder == "libx264"
    source.read()
    form = source.counts().format
    assert form is not None and form.codec == "h264"
    source.close()
