"""The picture reaches a real RTSP server (GStreamer's, RECORD), H.264 and H.265, with and without TLS."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from agent.config.model import TlsSection
from agent.uplink.live import words
from agent.uplink.live.rtsp import description
from agent.uplink.live.sets import parameter_sets
from agent.values import StreamFormat
from deploy.stand_in.camera import MISSING, SYSTEM_PYTHON, has_gstreamer
from deploy.ward import Certificates, Child, issue
from tests.uplink.live.pushing import BASE, CAM, FPS, HEIGHT, NODE, WIDTH, Pushing, bar_of

SERVER = Path(__file__).parents[3] / "deploy/stand_in/rtsp_recorder.py"
PICTURES = 25


class Recorder:
    """A running server; `url` to push to, `pictures` of what came."""

    def __init__(self, directory: Path, codec: str, tls: Certificates | None) -> None:
        self._file = directory / "came.mkv"
        options = ("--tls", str(tls.cert), str(tls.key)) if tls else ()
        command = (SYSTEM_PYTHON, str(SERVER), "--file", str(self._file), "--path", f"/live/{NODE}.{CAM}")
        self.child = Child((*command, "--codec", codec, *options), None, talks=True)
        port = self.child.hear(30.0)
        assert port, "the server did not start"
        self.url = f"rtsp{'s' if tls else ''}://127.0.0.1:{port}/live"

    def pictures(self) -> list[av.VideoFrame]:
        """Decoded as far as the file is written by now."""
        try:
            with av.open(str(self._file)) as container:
                return list(container.decode(container.streams.video[0]))
        except (av.FFmpegError, IndexError):
            return []


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Callable[..., Recorder]]:
    if not has_gstreamer():
        pytest.skip(MISSING)
    running: list[Recorder] = []

    def start(codec: str = "h264", tls: Certificates | None = None) -> Recorder:
        running.append(Recorder(tmp_path, codec, tls))
        return running[-1]

    yield start
    for one in running:
        one.child.stop()


def check(pictures: list[av.VideoFrame]) -> None:
    assert {(one.width, one.height) for one in pictures} == {(WIDTH, HEIGHT)}
    moved = [bar_of(later) - bar_of(earlier) for earlier, later in pairwise(pictures)]
    assert moved.count(4) >= len(moved) - 2


@pytest.mark.parametrize("codec", ["h264", pytest.param("hevc", marks=pytest.mark.long("as with H.264"))])
def test_what_is_recorded_is_what_the_camera_shows(
    recorder: Callable[..., Recorder], tmp_path: Path, codec: str
) -> None:
    server = recorder("h265" if codec == "hevc" else "h264")
    with Pushing(tmp_path, server.url, codec=codec) as push:
        assert not push.begin().encoded
        push.camera.wait(PICTURES + FPS)
        push.desk.stop("JOB")
        end = push.ended()
        assert (end.state, end.why) == ("done", words.STOPPED)
    assert server.child.wait_until(lambda: len(server.pictures()) >= PICTURES, 20.0)
    check(server.pictures())


@pytest.mark.long("as over RTMP")
def test_over_tls(recorder: Callable[..., Recorder], ca: Path, tmp_path: Path) -> None:
    server = recorder(tls=issue(ca, "server"))
    with Pushing(tmp_path, server.url, tls=TlsSection(ca=issue(ca, NODE).ca)) as push:
        push.begin()
        push.camera.wait(PICTURES + FPS)
        push.desk.stop("JOB")
        push.ended()
    assert server.child.wait_until(lambda: len(server.pictures()) >= PICTURES, 20.0)


@pytest.mark.long("as over RTMP")
def test_a_server_of_another_authority_gets_nothing(
    recorder: Callable[..., Recorder], ca: Path, tmp_path: Path
) -> None:
    server = recorder(tls=issue(tmp_path / "foreign", "server"))
    with Pushing(tmp_path, server.url, tls=TlsSection(ca=issue(ca, NODE).ca)) as push:
        push.begin()
        end = push.ended()
    assert end.bytes_sent == 0 and end.why is not None and "authority" in end.why.en


def test_a_place_that_the_server_does_not_have(recorder: Callable[..., Recorder], tmp_path: Path) -> None:
    server = recorder()
    with Pushing(tmp_path, server.url.replace("/live", "/nowhere")) as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.why is not None and "404" in end.why.en


def test_parameter_sets_are_found_in_both_shapes_of_extradata() -> None:
    sps, pps = bytes.fromhex("6742c01eda"), bytes.fromhex("68ce3c80")
    start = b"\0\0\0\1"
    lengths = [len(unit).to_bytes(2, "big") + unit for unit in (sps, pps)]
    boxed = b"\x01\x42\xc0\x1e\xff\xe1" + lengths[0] + b"\x01" + lengths[1]
    for extradata in (start + sps + start + pps, boxed):
        form = StreamFormat("h264", WIDTH, HEIGHT, BASE, extradata)
        assert parameter_sets(form) == [sps, pps]
        assert "profile-level-id=42C01E" in description("a", form)
    for damaged in (boxed[:9], b"\x01", b""):
        assert parameter_sets(StreamFormat("h264", WIDTH, HEIGHT, BASE, damaged)) == []
        assert parameter_sets(StreamFormat("hevc", WIDTH, HEIGHT, BASE, damaged)) == []
