"""Videos and a real RTSP camera."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.assets import find_street_video
from deploy.stand_in.camera import MISSING, RtspCamera, has_gstreamer
from deploy.stand_in.line import RtspLine
from tests.capture.argus_stand_in import argus
from tests.capture.videos import STREET, Recipe, drawn, encode, street

__all__ = ["argus"]


@pytest.fixture(scope="session")
def street_h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s of a junction at 10 fps, 768x576, H.264 with B pictures, a key frame every 2 s."""
    kept = find_street_video()
    source = STREET if STREET.exists() else kept.path if kept else None
    if source is None:
        pytest.skip("no street video: make assets")
    return encode(street(source, 120), tmp_path_factory.mktemp("street") / "street.mp4", Recipe(b_frames=2))


@pytest.fixture(scope="session")
def drawn_h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s at 10 fps, 320x180, no B pictures, a key frame every second."""
    return encode(drawn(40), tmp_path_factory.mktemp("drawn") / "drawn.mp4", Recipe(gop=10))


@pytest.fixture(scope="session")
def drawn_hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s at 10 fps, 320x180, H.265, a key frame every second."""
    return encode(drawn(40), tmp_path_factory.mktemp("drawn") / "hevc.mp4", Recipe("libx265", gop=10, b_frames=2))


@pytest.fixture(scope="session")
def drawn_mjpeg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 s at 10 fps, 320x180, MJPEG 4:2:2 in AVI: what many USB cameras give."""
    recipe = Recipe("mjpeg", gop=1, pix_fmt="yuvj422p", container="avi")
    return encode(drawn(10), tmp_path_factory.mktemp("drawn") / "mjpeg.avi", recipe)


@pytest.fixture(scope="session")
def gstreamer() -> None:
    if not has_gstreamer():
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def rtsp(gstreamer: None) -> Iterator[Callable[..., RtspCamera]]:
    """Starts cameras, one per set of options; all end with the module."""
    cameras: dict[tuple[str, ...], RtspCamera] = {}

    def start(*options: str) -> RtspCamera:
        if options not in cameras or cameras[options].process.poll() is not None:
            cameras[options] = RtspCamera(*options)
        return cameras[options]

    yield start
    for camera in cameras.values():
        camera.kill()


@pytest.fixture
def line(rtsp: Callable[..., RtspCamera]) -> Iterator[RtspLine]:
    """Between a test and a camera of key frames a second apart; heals when the test is over."""
    with RtspLine(rtsp().port) as line:
        yield line
