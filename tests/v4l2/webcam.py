"""What the kernel's driver for USB cameras does with one: by-id, two nodes, MJPEG, H.264, a pulled plug.

Run inside the emulated machine, like devices.py; the camera is usb_camera.py.
"""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.capture.find.places import Places
from agent.capture.find.usb import find_usb
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.job import open_isolated
from agent.capture.isolated.source import IsolatedSource
from agent.capture.usb.devices import advice
from agent.capture.usb.formats import device_formats
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet
from tests.capture.videos import Recipe, drawn, encode
from tests.v4l2.devices import reading, run, say, section, until

BY_ID = Path("/dev/v4l/by-id/usb-Phuong_Gate_Camera_4711-video-index0")
METADATA = BY_ID.with_name(BY_ID.name.replace("index0", "index1"))
PLUGS, TRIES = 3, 5  # the software camera stumbles now and then, see usb_camera.py
Plug = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def plug(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plug]:
    """Plugs the camera in, and waits until udev has named it; killing the process pulls the plug."""
    folder = tmp_path_factory.mktemp("usb")
    mjpeg = encode(drawn(15), folder / "a.mjpeg", Recipe("mjpeg", gop=1, pix_fmt="yuvj422p", container="mjpeg"))
    h264 = encode(drawn(30), folder / "a.h264", Recipe(gop=15, container="h264"))
    for module in ("dummy_hcd", "gadgetfs", "uvcvideo"):
        run("modprobe", module)
    Path("/dev/gadget").mkdir(exist_ok=True)
    run("mount", "-t", "gadgetfs", "none", "/dev/gadget")
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "tests.v4l2.usb_camera", str(mjpeg), str(h264))
        end(running)
        for _ in range(PLUGS):
            running.append(subprocess.Popen(command))
            if udev_waits():
                return running[-1]
            end(running)
        raise AssertionError(subprocess.run(["dmesg"], check=True, capture_output=True, text=True).stdout[-3000:])

    yield start
    end(running)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.kill()
        process.wait()


def udev_waits(*options: str) -> bool:
    """Until udev has made, or removed, the names of both nodes."""
    return (
        subprocess.run(["udevadm", "wait", "--timeout=60", *options, str(BY_ID), str(METADATA)], check=False).returncode
        == 0
    )


def opened(camera: CameraSection, data: Path) -> tuple[IsolatedSource, list[Packet], list[Frame]]:
    """As a node does it: a source that fails is opened afresh."""
    for left in reversed(range(TRIES)):
        source = open_isolated(camera, reading(), Aside(data))
        try:
            return source, *until(source, 10)
        except CameraError as error:
            say("again:", error)
            source.close()
            if not left:
                raise
    raise AssertionError("no tries")


def pull(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert udev_waits("--removed")


def test_a_webcam_is_found_by_its_name_and_its_metadata_node_is_not(plug: Plug) -> None:
    process = plug()
    nodes = sorted(path.name for path in Path("/dev/v4l/by-id").iterdir())
    say(nodes)
    formats = device_formats(str(BY_ID))
    say(formats)
    assert {one.codec for one in formats.formats} == {"mjpeg", "h264"}
    assert formats.driver == "uvcvideo" and "Gate Camera" in formats.card
    (found,) = asyncio.run(find_usb(Places(child_s=60), Clock()))
    say(found)
    assert found.place == str(BY_ID) and found.main is not None and found.main.codec == "h264"
    told = advice(str(BY_ID.resolve()))
    assert told is not None and str(BY_ID) in told.en
    with pytest.raises(CameraError) as caught:
        device_formats(str(METADATA))
    assert "-video-index0" in str(caught.value.hint)
    pull(process)
    assert asyncio.run(find_usb(Places(), Clock())) == ()


def test_h264_is_passed_through_and_mjpeg_encoded(plug: Plug, tmp_path: Path) -> None:
    process = plug()
    for settings, encoder in (({}, "passthrough"), ({"privacy_masks": {"a": [[0, 0], [1, 0], [0, 1]]}}, "libx264")):
        source, packets, frames = opened(section(BY_ID, **settings), tmp_path)
        while not (counts := source.counts()).encoder:  # told once a second
            source.read()
        source.close()
        say(counts)
        assert counts.encoder == encoder and packets[0].key and packets[0].format.codec == "h264" and frames
        assert frames[-1].luma.shape == (180, 320)
    pull(process)


def test_a_pulled_plug_is_absent_and_comes_back(plug: Plug, tmp_path: Path) -> None:
    process, aside = plug(), Aside(tmp_path)
    camera = section(BY_ID)
    source, *_ = opened(camera, tmp_path)
    pull(process)
    with pytest.raises(CameraError) as caught:
        until(source, 1000)
    source.close()
    say(caught.value.code, caught.value)
    assert caught.value.code == "camera_absent"
    again = open_isolated(camera, reading(), aside)
    with pytest.raises(CameraError) as absent:
        until(again, 1)
    assert absent.value.code == "camera_absent"
    plug()
    fresh, packets, frames = opened(camera, tmp_path)
    fresh.close()
    assert packets[0].key and frames
