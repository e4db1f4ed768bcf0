"""A device asked over real HTTP: logins really checked, clocks that are off, recorders, and answers meant to hurt."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from agent.capture.find import ask, onvif
from agent.capture.find.discovery import Device as Found
from agent.capture.find.found import FoundCamera, Login
from agent.capture.find.onvif import ask_device, ask_devices
from agent.clock import Clock
from agent.config.secrets import Secret
from tests.capture.find.device import HEAD, TAIL, Device, Stream
from tests.capture.find.test_discovery import BOMB

HERE = "127.0.0.1"
SECRET = "c@nary/w&rd"
MAIN = Stream("p0", f"rtsp://{HERE}:554/main", width=1920, height=1080)
SUB = Stream("p1", f"rtsp://{HERE}:554/sub")
TINY = Stream("p2", f"rtsp://{HERE}:554/tiny", width=160, height=90)


def login(word: str = SECRET) -> Login:
    return Login("ward <1>", Secret(word))


def found(device: Device, given: Login | None = None) -> tuple[FoundCamera, ...]:
    return asyncio.run(ask_device(Found(HERE, device.service, "Cam"), given, Clock()))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no device that does not answer."""
    monkeypatch.setattr(ask, "REQUEST_S", 60.0)
    monkeypatch.setattr(onvif, "DEVICE_S", 120.0)


def only(device: Device, given: Login | None = None) -> FoundCamera:
    (camera,) = found(device, given)
    return camera


def test_main_and_sub_stream_with_codec_and_size() -> None:
    with Device((TINY, SUB, MAIN)) as device:
        camera = only(device)
    assert camera.main is not None and camera.sub is not None
    assert (camera.main.address, camera.main.shape) == (MAIN.uri, "h264 1920x1080 15 fps")
    assert (camera.sub.address, camera.sub.shape) == (SUB.uri, "h264 640x360 15 fps")
    assert not camera.login and camera.notes == ()


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(days=-20_000), timedelta(days=900)])
def test_a_digest_on_the_cameras_own_clock_opens(ahead: timedelta) -> None:
    with Device((MAIN, SUB), login=("ward <1>", SECRET), ahead=ahead) as device:
        camera = only(device, login())
        assert camera.main is not None and camera.login
        assert device.refusals == [] and len(device.nonces) >= 3


def test_http_digest_opens_where_the_camera_wants_that() -> None:
    with Device((MAIN,), login=("ward <1>", SECRET), http_digest=True) as device:
        camera = only(device, login())
        assert camera.main is not None
        assert set(device.refusals) == {"none"}


@pytest.mark.parametrize("http_digest", [False, True])
def test_a_wrong_password_and_none_are_told_apart(http_digest: bool) -> None:
    with Device((MAIN,), login=("ward <1>", SECRET), http_digest=http_digest) as device:
        wrong, none = only(device, login(SECRET[::-1])), only(device)
    assert wrong.main is None and wrong.login and "refuses" in wrong.notes[0].en
    assert none.main is None and none.login and "--password-file" in none.notes[1].en
    assert f"probe {HERE}:{urlsplit(device.service).port} --username" in none.notes[1].vi
    told = repr((wrong, none))
    assert SECRET not in told and SECRET[::-1] not in told


def test_where_nobody_answers_the_note_is_in_plain_words() -> None:
    with Device((MAIN,)) as device:
        pass
    camera = only(device)
    assert camera.main is None and "ConnectError" not in repr(camera.notes)
    assert "bật ONVIF" in camera.notes[0].vi


def test_media_2_knows_h265_and_old_devices_know_capabilities_only() -> None:
    big = Stream("p0", f"rtsp://{HERE}/a", "H265", 3840, 2160)
    with Device((big,), media2=True) as device:
        camera = only(device)
        assert camera.main is not None and camera.main.codec == "hevc"
    with Device((MAIN,), old=True) as device:
        assert only(device).main is not None
        assert "GetCapabilities" in device.asked


def test_a_codec_that_plays_goes_before_a_larger_one_that_does_not() -> None:
    photo = Stream("p9", f"rtsp://{HERE}:554/photo", "JPEG", 2560, 1440)
    with Device((photo, SUB)) as device:
        camera = only(device)
    assert camera.main is not None and camera.main.address == SUB.uri and camera.sub is None


def test_a_recorder_gives_a_camera_per_input() -> None:
    streams = tuple(
        Stream(f"p{n}-{size}", f"rtsp://{HERE}:554/{n}/{size}", width=size * 16, height=size * 9, input=f"in-{n}")
        for n in range(40)
        for size in (80, 40)
    )
    with Device(streams) as device:
        cameras = found(device)
    assert len(cameras) == onvif.MAX_INPUTS
    assert all(camera.main and camera.sub and camera.main.pixels > camera.sub.pixels for camera in cameras)


def test_addresses_of_other_hosts_are_never_followed() -> None:
    heard = socket.create_server((HERE, 0))
    heard.setblocking(False)
    elsewhere = f"localhost:{heard.getsockname()[1]}"
    stream = Stream("p0", "rtsp://169.254.169.254:554/main")
    with Device((stream,), media_host=elsewhere) as device:
        camera = only(device)
    assert camera.main is not None and camera.main.address == f"rtsp://{HERE}:554/main"
    with pytest.raises(BlockingIOError):
        heard.accept()
    heard.close()


@pytest.mark.parametrize(
    "uri",
    [
        f"rtsp://{HERE}/user=admin&password={SECRET}",
        f"rtsp://{HERE}:554/user=admin_password=tlJwpbo6_channel=1",
        f"rtsp://{HERE}/c%40nary%2Fw%26rd/main",
        f"http://{HERE}/main",
        f"rtsp://{HERE}/$(reboot)",
        f"rtsp://{HERE}/a b",
        f"rtsp://{HERE}/" + "a" * 600,
        f"rtsp://{HERE}:70000/main",
        "rtsp:///main",
        "",
    ],
)
def test_stream_addresses_that_are_not_shown(uri: str) -> None:
    with Device((Stream("p0", uri),)) as device:
        camera = only(device, login())
    assert camera.main is None and camera.notes == (onvif._HIDDEN,)


def test_a_login_in_a_stream_address_is_cut_out() -> None:
    with Device((Stream("p0", f"rtsp://admin:{SECRET.replace('/', '')}@{HERE}:554/main"),)) as device:
        camera = only(device)
    assert camera.main is not None and camera.main.address == MAIN.uri


def whole(data: bytes, *headers: tuple[str, str], status: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return send


def deep(count: int) -> bytes:
    return (HEAD + "<a>" * count + "</a>" * count + TAIL).encode()


@pytest.mark.parametrize(
    "hostile",
    [
        whole(BOMB),
        whole(b""),
        whole(b"<html>a web page</html>"),
        whole(b"\xff" * 1000),
        whole(b"<a>" + b"x" * 10_000_000 + b"</a>"),
        whole(gzip.compress(b"<a>" + b" " * 50_000_000 + b"</a>"), ("Content-Encoding", "gzip")),
        whole(deep(100_000)),
        whole((HEAD + "<a/>" * 100_000 + TAIL).encode()),
        whole((HEAD + TAIL).encode()),
        whole(b"", ("Location", "http://10.0.0.1/"), status=302),
        whole(b"x" * 10_000_000, ("WWW-Authenticate", "Digest"), status=401),
        whole(b"", ("WWW-Authenticate", 'Digest realm="r", nonce="n", algorithm=ROT13'), status=401),
        whole(b"", ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth-int"'), status=401),
        whole(b"", ("WWW-Authenticate", "Digest ,,,="), status=401),
        whole(b"", ("WWW-Authenticate", 'Basic realm="r"'), status=401),
    ],
)
@pytest.mark.parametrize("given", [None, login()])
def test_a_hostile_answer_is_a_note(hostile: Callable[[BaseHTTPRequestHandler], None], given: Login | None) -> None:
    seen: list[str] = []

    def watched(handler: BaseHTTPRequestHandler) -> None:
        seen.append(str(handler.headers))
        hostile(handler)

    with Device((MAIN,), hostile=watched) as device:
        camera = only(device, given)
    assert camera.main is None and len(camera.notes) >= 1
    assert SECRET not in "".join(seen) and "Basic" not in "".join(seen)


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (whole(BOMB), "document type"),
        (whole(deep(1000)), "too many elements"),
        (whole(b"<a>" + b" " * 10_000_000 + b"</a>"), "too large"),
        (whole(b" " * 10_000_000, ("WWW-Authenticate", "Digest"), status=401), "too large"),
        # Unpacked it would be too large.
        (whole(gzip.compress(b"<a>" + b" " * 10_000_000 + b"</a>"), ("Content-Encoding", "gzip")), "ExpatError"),
    ],
)
def test_each_bound_holds_by_itself(hostile: Callable[[BaseHTTPRequestHandler], None], reason: str) -> None:
    with Device((), hostile=hostile) as device:
        assert reason in only(device).notes[0].en


def test_wrong_types_in_a_good_frame() -> None:
    odd = (
        '<trt:Profiles token="t"><tt:VideoEncoderConfiguration><tt:Encoding>&lt;b&gt;\u202e\u0085H264</tt:Encoding>'
        "<tt:Resolution><tt:Width>-7</tt:Width><tt:Height>1e99</tt:Height></tt:Resolution>"
        "</tt:VideoEncoderConfiguration></trt:Profiles><trt:Profiles/><trt:Profiles token=''/>"
    )
    body = (
        f"{HEAD}{odd}<tt:Uri>rtsp://{HERE}/a</tt:Uri><tt:Service><tt:Namespace>http://www.onvif.org/ver10/media/wsdl"
        + (
            "</tt:Namespace><tt:XAddr>http://nowhere/m</tt:XAddr></tt:Service><tt:UTCDateTime><tt:Date><tt:Year>99999"
            f"</tt:Year></tt:Date></tt:UTCDateTime>{TAIL}"
        )
    )
    with Device((), hostile=whole(body.encode())) as device:
        camera = only(device)
    assert camera.main is not None
    assert (camera.main.width, camera.main.height) == (0, 0) and camera.main.codec.isprintable()


def test_slow_answers_end_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "REQUEST_S", 0.2)
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.02):
            handler.wfile.write(b" ")

    with Device((), hostile=drip) as device:
        camera = only(device)
        over.set()
    assert camera.main is None and "timeout" in camera.notes[0].en


def test_a_device_that_spins_questions_out_ends_at_its_own_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "DEVICE_S", 0.2)
    over = threading.Event()

    def hold(handler: BaseHTTPRequestHandler) -> None:
        over.wait(60)

    with Device((), hostile=hold) as device:
        camera = only(device)
        over.set()
    assert camera.main is None and "slowly" in camera.notes[0].en


def test_one_bad_device_does_not_spoil_the_others() -> None:
    dead = socket.create_server((HERE, 0))
    port = dead.getsockname()[1]
    dead.close()
    with Device((MAIN,)) as good, Device((), hostile=whole(BOMB)) as bad:
        services = (f"http://{HERE}:{port}/x", bad.service, good.service)
        cameras = asyncio.run(ask_devices([Found(HERE, each) for each in services], None, Clock()))
    assert [camera.main is not None for camera in cameras] == [False, False, True]


def test_a_device_without_video() -> None:
    with Device(()) as device:
        camera = only(device)
    assert camera.main is None and "no video" in camera.notes[0].en
