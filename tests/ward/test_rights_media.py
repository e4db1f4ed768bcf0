"""Who may publish and look at live pictures: nginx-rtmp behind its gate, asked with FFmpeg's RTMP over TLS."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.ward import issue
from deploy.ward.certificates import Certificates
from tests.ward.conftest import Whole

PICTURE = (
    "-re",
    "-f",
    "lavfi",
    "-i",
    "testsrc=size=64x48:rate=20",
    "-c:v",
    "libx264",
    "-tune",
    "zerolatency",
    "-g",
    "5",
)
ENOUGH_S = 10

pytestmark = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg here")


def tls(files: Certificates) -> tuple[str, ...]:
    return ("-ca_file", str(files.ca), "-cert_file", str(files.cert), "-key_file", str(files.key), "-tls_verify", "1")


def address(whole: Whole, name: str) -> str:
    return f"rtmps://127.0.0.1:{whole.ward.ports.live}/live/{name}"


@contextlib.contextmanager
def pushing(url: str, *more: str) -> Iterator[bool]:
    """Pushes a moving picture until left; was it taken?"""
    command = ("ffmpeg", "-v", "quiet", "-progress", "pipe:1", *PICTURE, "-f", "flv", *more, url)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        # FFmpeg waits for the server's word on "publish" before it counts frames.
        counted = (line for line in child.stdout if line.startswith("frame=") and int(line.partition("=")[2]) > 0)
        try:
            yield next(counted, None) is not None
        finally:
            child.kill()


def shown(whole: Whole, node: str, name: str) -> bool:
    """Is what `node` pushes seen by an officer? Five tries, because a revocation (of an
    earlier test) makes the gate drop everybody within two seconds, so that all show their certificate anew.
    """
    for _ in range(5):
        with pushing(address(whole, name), *tls(whole.node(node))) as told:
            if told and seen(whole, whole.role("desk"), name) == "h264":
                return True
    return False


def taken(whole: Whole, files: Certificates, name: str) -> bool:
    with pushing(address(whole, name), *tls(files)) as told:
        return told


def seen(whole: Whole, files: Certificates, name: str) -> str:
    """The codec of what is shown; empty when nothing is."""
    command = (
        "ffprobe",
        "-v",
        "quiet",
        "-analyzeduration",
        "500000",
        *tls(files),
        "-show_entries",
        "stream=codec_name",
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            (*command, "-of", "csv=p=0", address(whole, name)),
            capture_output=True,
            text=True,
            timeout=ENOUGH_S,
            check=False,
        )
        return done.stdout.strip()
    return ""


@pytest.mark.parametrize("name", ["cam-1", "cam-1.gate"])
def test_a_node_publishes_its_own_picture_and_an_officer_sees_it(whole: Whole, name: str) -> None:
    assert shown(whole, "cam-1", name)


@pytest.mark.parametrize("name", ["cam-3", "cam-3.gate", "cam-20", "cam-2x.gate", "cam-2..", "cam", "x.cam-2"])
def test_a_node_publishes_in_no_other_name(whole: Whole, name: str) -> None:
    assert not taken(whole, whole.node("cam-2"), name)
    assert taken(whole, whole.node("cam-2"), "cam-2")


def test_a_node_looks_at_nothing_and_an_officer_publishes_nothing(whole: Whole) -> None:
    assert not taken(whole, whole.role("desk"), "cam-4")
    with pushing(address(whole, "cam-4"), *tls(whole.node("cam-4"))):
        assert seen(whole, whole.node("cam-4"), "cam-4") == ""
        assert seen(whole, whole.node("cam-5"), "cam-4") == ""
    assert shown(whole, "cam-4", "cam-4")


def test_only_certificates_of_the_ward(whole: Whole, tmp_path: Path) -> None:
    good = whole.node("cam-6")
    stranger = issue(tmp_path / "other", "cam-6")
    assert not taken(whole, Certificates(good.ca, stranger.cert, stranger.key), "cam-6")
    with pushing(address(whole, "cam-6")) as told:
        assert not told
    assert taken(whole, good, "cam-6")


def test_nobody_goes_past_the_gate(whole: Whole) -> None:
    """The media server itself listens on this machine only, and takes nothing that the gate does not know."""
    ports = whole.ward.ports
    listening = {
        (item.laddr.ip, item.laddr.port)
        for item in psutil.net_connections("tcp")
        if item.laddr and item.status == psutil.CONN_LISTEN and item.laddr.port in {ports.rtmp, ports.ask}
    }
    assert listening == {("127.0.0.1", ports.rtmp), ("127.0.0.1", ports.ask)}
    with pushing(f"rtmp://127.0.0.1:{ports.rtmp}/live/cam-1") as told:
        assert not told
