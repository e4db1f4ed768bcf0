"""A network camera that goes wrong while it is read, or that refuses in its own way."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path

import pytest

from agent.capture import rtsp as module
from agent.capture.attention import Attention
from agent.capture.live import LiveSource
from agent.capture.rtsp import open_rtsp
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.devices import IdleSection
from agent.errors import CameraError
from agent.values import Frame, Motion, Packet
from deploy.stand_in.camera import RtspCamera
from deploy.stand_in.line import RtspLine
from deploy.ward import Certificates, WardError, issue

pytestmark = pytest.mark.real
BOTH, PACKETS, FRAMES = Wants(True, True), Wants(True, False), Wants(False, True)
Start = Callable[..., RtspCamera]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN_S", 3.0)


@pytest.fixture
def own(gstreamer: None) -> Iterator[RtspCamera]:
    """A camera that no other test uses."""
    with RtspCamera() as camera:
        yield camera


def section(source: str, **settings: object) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": source, "timeout": "1s", **settings})


def opened(camera: CameraSection, wants: Wants = BOTH, attention: Attention | None = None) -> LiveSource:
    return open_rtsp(camera, camera.source, Reading(Clock(), wants, attention=attention), None)


def refused(camera: CameraSection) -> CameraError:
    with pytest.raises(CameraError) as caught:
        opened(camera)
    return caught.value


def packets(source: LiveSource, until: Callable[[Packet], bool], limit: int = 200) -> list[Packet]:
    """All packets up to the first of which `until` is true; what came in one row with it is lost."""
    found: list[Packet] = []
    for _ in range(limit):
        for item in source.read() or ():
            if isinstance(item, Packet):
                found.append(item)
                if until(item):
                    return found
    raise AssertionError(f"not in {limit} reads")


def broken(source: LiveSource, limit: int = 500) -> CameraError:
    """What ends the reading."""
    with pytest.raises(CameraError) as caught:
        for _ in range(limit):
            source.read()
    source.close()
    return caught.value


def test_a_frozen_camera_is_silent_and_then_does_not_answer(own: RtspCamera) -> None:
    source = opened(section(own.address()))
    packets(source, lambda packet: packet.key)
    own.process.send_signal(signal.SIGSTOP)
    silent = broken(source)
    assert silent.code == "camera_silent" and "1 s" in silent.text.vi
    assert refused(section(own.address())).code == "camera_unreachable"  # takes the connection, says nothing
    own.process.send_signal(signal.SIGCONT)
    assert packets(opened(section(own.address())), lambda packet: packet.key)


def test_a_camera_that_goes_away(own: RtspCamera) -> None:
    source = opened(section(own.address()))
    packets(source, lambda packet: packet.key)
    own.kill()
    assert broken(source).code in ("camera_silent", "camera_unreachable")
    gone = refused(section(own.address()))
    assert gone.code == "camera_unreachable" and "refused" in gone.text.en


def test_a_camera_that_ends_the_stream(own: RtspCamera) -> None:
    source = opened(section(own.address()))
    packets(source, lambda packet: packet.key)
    own.tell("drop")
    ended = broken(source)
    assert (ended.code, "ended" in ended.text.en) == ("camera_silent", True)


def test_connected_but_without_pictures(own: RtspCamera) -> None:
    source = opened(section(own.address()))
    packets(source, lambda packet: packet.key)
    own.tell("hold")
    assert broken(source).code == "camera_silent"


def test_a_half_open_connection(line: RtspLine) -> None:
    source = opened(section(line.address()))
    packets(source, lambda packet: packet.key)
    line.half_open()
    assert broken(source).code == "camera_silent"
    assert packets(opened(section(line.address())), lambda packet: packet.key), "a new one works"


def test_a_pause_in_the_middle_of_a_packet_loses_nothing(own: RtspCamera) -> None:
    with RtspLine(own.port) as line:
        source = opened(section(line.address(), timeout="60s"))
        packets(source, lambda packet: packet.key)
        line.pause()
        threading.Timer(1.5, line.flow).start()
        keys = count(1)
        later = packets(source, lambda packet: packet.key and next(keys) == 2)
        assert {after.pts - before.pts for before, after in pairwise(later)} == {6000}
        assert source.counts().errors == 0
        source.close()


@pytest.mark.long("as when frozen")
def test_a_describe_that_is_never_answered(line: RtspLine) -> None:
    line.silent_server = True
    error = refused(section(line.address()))
    assert error.code == "camera_unreachable" and "3 s" in error.text.vi


def test_a_host_that_does_not_exist() -> None:
    error = refused(section("rtsp://no-such-camera.invalid/main"))
    assert error.code == "camera_unreachable" and error.text.vi == "Không có máy nào tên no-such-camera.invalid"


def answer(listener: socket.socket, words: str) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(words.encode())


@pytest.mark.parametrize(("status", "word"), [("453 Not Enough Bandwidth", "4XX"), ("503 Service Unavailable", "5XX")])
def test_a_camera_with_too_many_viewers(status: str, word: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = threading.Thread(target=answer, args=(listener, f"RTSP/1.0 {status}\r\nCSeq: 1\r\n\r\n"))
        answering.start()
        error = refused(section(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/main"))
        answering.join()
    assert error.code == "camera_silent" and word in error.text.en and "viewers" in str(error.hint)


def test_another_picture_size_in_the_middle_is_a_new_run(own: RtspCamera) -> None:
    source = opened(section(own.address()))
    before = packets(source, lambda packet: packet.key)[-1]
    own.tell("size 320 240")
    after = packets(source, lambda packet: packet.format.width == 320)[-1]
    assert after.key and after.run != before.run and after.format.height == 240
    frames = [item for _ in range(20) for item in source.read() or () if isinstance(item, Frame)]
    assert frames and frames[-1].luma.shape == (240, 320)
    source.close()


def test_stamps_that_go_back_are_a_new_run_and_time_goes_on(line: RtspLine) -> None:
    source = opened(section(line.address()))
    before = packets(source, lambda packet: packet.key)[-1]
    line.shift = -100 * 90_000
    later = packets(source, lambda packet: packet.run != before.run)
    assert later[-1].key and later[-1].at.mono_ns > before.at.mono_ns
    assert later[-1].at.mono_s - before.at.mono_s < 60
    source.close()


@pytest.mark.parametrize(
    "wants", [BOTH, *(pytest.param(one, marks=pytest.mark.long("as with both")) for one in (PACKETS, FRAMES))]
)
def test_garbage_is_noticed_whatever_is_decoded(line: RtspLine, wants: Wants) -> None:
    source = opened(section(line.address(), timeout="2s"), wants)
    while not source.counts().pictures:
        source.read()
    line.garbage = True
    error = broken(source)
    assert error.code == "camera_damaged" and "encryption" in str(error.hint)
    assert source.counts().errors > 0


@pytest.mark.long("as while awake")
def test_garbage_is_noticed_while_idle(line: RtspLine) -> None:
    attention = idle("1s")
    source = opened(section(line.address(), timeout="2s"), FRAMES, attention)
    while not source.counts().decoded:
        source.read()
    line.garbage = True
    assert broken(source).code == "camera_damaged"


def test_an_idle_camera_is_not_silent(rtsp: Start) -> None:
    attention = idle("3s")
    source = opened(section(rtsp().address(), timeout="1s"), FRAMES, attention)
    counts = source.counts()
    while counts.pictures < 60:  # four seconds, in which two key frames are looked at
        source.read()
        counts = source.counts()
    assert counts.decoded <= 20, "the first second in full, then two key frames"
    source.close()


class Asleep(Attention):
    """Nothing ever moves."""

    def look(self, frame: Frame) -> bool:
        return False


def idle(every: str) -> Attention:
    attention = Asleep(IdleSection.model_validate({"every": every}), lambda frame: Motion(boxes=(), share=0.0))
    attention.idle = True
    return attention


def test_key_frames_further_apart_than_the_timeout(gstreamer: None) -> None:
    with RtspCamera("--gop", "4") as camera:
        first = opened(section(camera.address()), PACKETS)
        packets(first, lambda packet: packet.key)
        second = opened(section(camera.address()), PACKETS)  # joins in the middle: no key frame for seconds
        assert packets(second, lambda packet: packet.key)
        first.close()
        second.close()


@pytest.mark.long("as H.264")
def test_h265(rtsp: Start) -> None:
    source = opened(section(rtsp("--codec", "h265").address()))
    found = packets(source, lambda packet: packet.key)
    frames = [item for _ in range(20) for item in source.read() or () if isinstance(item, Frame)]
    assert found[-1].format.codec == "hevc" and found[-1].format.extradata and frames
    source.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


def certificates(authority: Path, name: str, hosts: str = "IP:127.0.0.1") -> Certificates:
    try:
        return issue(authority, name, hosts)
    except WardError as error:
        pytest.skip(str(error))


def test_tls_is_verified_when_a_certificate_is_named(rtsp: Start, authority: Path, tmp_path: Path) -> None:
    good = certificates(authority, "camera")
    other = certificates(tmp_path, "other")
    camera = rtsp("--tls", str(good.cert), str(good.key))
    for ca_file in (None, good.ca):
        source = opened(section(camera.address(), ca_file=ca_file))
        assert packets(source, lambda packet: packet.key)
        source.close()
    for ca_file, words in ((other.ca, "prove"), (tmp_path / "none.pem", "none.pem"), (good.key, "camera.key")):
        error = refused(section(camera.address(), ca_file=ca_file))
        assert error.code == "camera_certificate" and words in error.text.en


def test_a_certificate_for_another_host_is_refused(rtsp: Start, authority: Path) -> None:
    elsewhere = certificates(authority, "elsewhere", "DNS:camera.example")
    camera = rtsp("--tls", str(elsewhere.cert), str(elsewhere.key))
    error = refused(section(camera.address(), ca_file=elsewhere.ca))
    assert error.code == "camera_certificate" and "not valid for '127.0.0.1'" in error.text.en


def test_a_camera_without_tls(rtsp: Start) -> None:
    error = refused(section(rtsp().address().replace("rtsp:", "rtsps:")))
    assert error.code == "camera_unreachable" and "TLS" in error.text.en


PROBE = """
import sys, av
from tests.capture.test_rtsp_faults import opened, section
from agent.capture.rtsp import open_rtsp
from agent.capture.stream import Reading
from agent.clock import Clock
from tests.capture.test_rtsp_faults import BOTH
from agent.errors import AgentError
camera = section(sys.argv[1], username="ward")
try:
    open_rtsp(camera, camera.source, Reading(Clock(), BOTH), "c@nary/word")
except AgentError as error:
    print(repr(error), error, repr(error.__cause__), repr(error.__context__))
"""


@pytest.mark.parametrize("path", ["main", "none"])
def test_no_secret_on_any_output_of_the_process(rtsp: Start, path: str) -> None:
    camera = rtsp("--user", "ward", "--password", "another")
    told = subprocess.run(
        [sys.executable, "-c", PROBE, camera.address(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "camera_" in told.stdout or "CameraError" in told.stdout
    assert "nary" not in told.stdout + told.stderr
