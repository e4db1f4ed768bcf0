import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest

from agent.capture.live import LiveSource
from agent.capture.rtsp import open_rtsp, with_credentials
from agent.capture.source import Source, plan_sources
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet
from deploy.stand_in.camera import RtspCamera

pytestmark = pytest.mark.real
BOTH = Wants(packets=True, frames=True)
SECRET = "c@nary/word"
Start = Callable[..., RtspCamera]


def section(source: str, **settings: object) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": source, "timeout": "2s", **settings})


def opened(camera: CameraSection, secret: str | None = None) -> LiveSource:
    return open_rtsp(camera, camera.source, Reading(Clock(), BOTH), secret)


def read(source: Source, count: int) -> list[Packet | Frame]:
    found: list[Packet | Frame] = []
    while len(found) < count:
        found += source.read() or ()
    source.close()
    return found


def failure(camera: CameraSection, secret: str | None = None) -> CameraError:
    with pytest.raises(CameraError) as caught:
        opened(camera, secret)
    return caught.value


def test_packets_and_frames_of_one_stream(rtsp: Start) -> None:
    found = read(opened(section(rtsp().address())), 24)
    packets = [item for item in found if isinstance(item, Packet)]
    frames = [item for item in found if isinstance(item, Frame)]
    assert packets[0].key and packets[0].format.codec == "h264" and packets[0].format.extradata
    assert (packets[0].format.width, packets[0].format.height) == (640, 360)
    assert len({packet.run for packet in packets}) == 1
    assert len(frames) >= 5 and frames[0].luma.shape == (360, 640)


def test_packets_from_main_and_frames_from_sub(rtsp: Start) -> None:
    camera = section(rtsp().address(), sub=rtsp().address("sub"))
    main, sub = (plan.open(threading.Event()) for plan in plan_sources(camera, Clock(), None))
    assert {type(item) for item in read(main, 5)} == {Packet}
    frames = read(sub, 3)
    assert all(isinstance(item, Frame) and item.width == 320 for item in frames)
    assert main.counts().decoded == 0


def test_a_password_opens_and_a_wrong_one_does_not(rtsp: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = rtsp("--user", "ward", "--password", SECRET)
    assert read(opened(section(server.address(), username="ward"), SECRET), 3)
    for word in (SECRET[::-1], None):
        error = failure(section(server.address(), username="ward" if word else None), word)
        told = "".join(traceback.format_exception(error)) + str(error) + repr(error.__cause__) + caplog.text
        assert error.code == "camera_auth" and "password_file" in str(error.hint)
        assert "nary" not in told and "yran" not in told


def test_a_path_that_the_camera_does_not_have(rtsp: Start) -> None:
    assert failure(section(rtsp().address("none"))).code == "camera_path"


def test_a_codec_that_does_not_play_in_mp4(rtsp: Start) -> None:
    server = rtsp("--codec", "jpeg")
    assert failure(section(server.address())).code == "camera_codec"
    source = opened(section(server.address(), transcode=True))
    packets = [item for item in read(source, 8) if isinstance(item, Packet)]
    assert source.reader.encoder == "libx264"
    assert packets[0].key and packets[0].format.codec == "h264"


@pytest.fixture
def garbage() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n<html>a web page</html>" * 50)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(60)


def test_something_that_is_no_camera(garbage: int) -> None:
    assert failure(section(f"rtsp://127.0.0.1:{garbage}/main")).text.en.endswith(
        "Invalid data found when processing input"
    )


def test_credentials_are_encoded() -> None:
    made = with_credentials("rtsp://[::1]:554/a?b=c", "us er", "p@ss:/?#")
    assert made == "rtsp://us%20er:p%40ss%3A%2F%3F%23@[::1]:554/a?b=c"
    assert with_credentials("rtsp://host/a", None, SECRET) == "rtsp://host/a"
