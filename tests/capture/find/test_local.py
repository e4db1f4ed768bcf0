"""USB, Raspberry Pi and Jetson cameras, with stand-ins for the parts of the kernel and of the makers."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.capture.find.children import MAX_OUTPUT, run_child
from agent.capture.find.places import PI_CHILD, Places
from agent.capture.find.ribbon import find_argus, find_picamera2
from agent.capture.find.usb import find_usb, usb_nodes
from agent.clock import Clock
from tests.capture.find.machine import Machine

CLOCK = Clock()
WEBCAM: dict[str, object] = {"card": "HD Webcam", "codec": "mjpeg", "width": 1280, "height": 720, "fps": 30.0}
NO_CAMERA: dict[str, object] = {"card": "", "code": "camera_codec", "en": "takes no pictures", "vi": "không chụp hình"}
IMX = {"Model": "imx708", "Location": 2, "Rotation": 180, "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a", "Num": 0}
IMX_1 = {**IMX, "Model": "imx219", "Num": 1}
USB = {"Model": "HD Webcam", "Id": "/base/scb/pcie@7d500000/pci@0,0/usb@0,0-1.2:1.0-046d:0825", "Num": 2}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_usb_cameras_by_the_name_that_stays(machine: Machine) -> None:
    machine.video(0, "platform/bcm2835-codec", "bcm2835-codec-decode")
    machine.video(10, "pci/usb1/1-2", link="by-id/usb-Maker_Second-video-index0")
    machine.video(2, "pci/usb1/1-1", link="by-id/usb-Maker_HD_Webcam_42-video-index0")
    machine.video(3, "pci/usb1/1-1", link="by-id/usb-Maker_HD_Webcam_42-video-index1")
    machine.video(4, "pci/usb2/2-1", link="by-path/pci-0000-usb-0:1:1.0-video-index0")
    grabber = {**WEBCAM, "codec": "h264"}
    child = machine.telling({"video2": WEBCAM, "video3": NO_CAMERA, "video4": grabber, "video10": WEBCAM})
    places = machine.places(usb_child=child)
    cameras = asyncio.run(find_usb(places, CLOCK))
    folder = machine.root / "dev/v4l"
    assert [camera.place for camera in cameras] == [
        str(folder / "by-id/usb-Maker_HD_Webcam_42-video-index0"),
        str(folder / "by-path/pci-0000-usb-0:1:1.0-video-index0"),
        str(folder / "by-id/usb-Maker_Second-video-index0"),
    ]
    first, second = cameras[0], cameras[1]
    assert first.main is not None and first.main.shape == "mjpeg 1280x720 30 fps" and "CPU" in first.notes[0].en
    assert second.notes == ()


def test_a_driver_that_hangs_and_one_that_refuses_are_told(machine: Machine) -> None:
    for number in (0, 1):
        machine.video(number, f"pci/usb1/1-{number}", link=f"by-id/usb-{number}-index0")
    busy: dict[str, object] = {
        "card": "",
        "code": "camera_permission",
        "en": "Not allowed\x1b[2J",
        "vi": "Không có quyền",
    }
    places = machine.places(usb_child=machine.telling({"video1": busy}), child_s=0.5)
    stuck, refused = asyncio.run(find_usb(places, CLOCK))
    assert stuck.main is None and "unplug" in stuck.notes[0].en
    assert refused.main is None and refused.notes[0].en == "Not allowed [2J"


def test_the_real_child_at_something_that_is_no_device(machine: Machine) -> None:
    node = machine.video(0, "pci/usb1/1-1")
    assert asyncio.run(find_usb(machine.places(usb_child=Places().usb_child), CLOCK)) == ()
    node.unlink()
    (gone,) = asyncio.run(find_usb(machine.places(usb_child=Places().usb_child), CLOCK))
    assert gone.main is None and "No camera at" in gone.notes[0].en


def test_a_machine_without_any_device(machine: Machine) -> None:
    (machine.root / "sys/class/video4linux").rmdir()
    assert usb_nodes(machine.places()) == ()
    assert asyncio.run(find_usb(machine.places(), CLOCK)) == ()
    assert asyncio.run(find_argus(machine.places(), CLOCK)).cameras == ()
    assert asyncio.run(find_picamera2(machine.places(), CLOCK)).notes == ()


@pytest.mark.parametrize(("encoder", "words"), [("H264Encoder", "hardware"), ("LibavH264Encoder", "libx264")])
def test_raspberry_pi_cameras_and_their_encoder(machine: Machine, encoder: str, words: str) -> None:
    machine.board("Raspberry Pi 5 Model B Rev 1.0")
    found = asyncio.run(find_picamera2(machine.places(pi_child=machine.picamera2([IMX, IMX_1, USB], encoder)), CLOCK))
    assert [(camera.place, camera.name) for camera in found.cameras] == [
        ("picamera2", "imx708"),
        ("picamera2:1", "imx219"),
    ]
    assert all(words in camera.notes[0].en for camera in found.cameras) and found.notes == ()


def test_a_raspberry_pi_without_camera_or_without_picamera2(machine: Machine) -> None:
    machine.board("Raspberry Pi 4 Model B")
    none = asyncio.run(find_picamera2(machine.places(pi_child=machine.picamera2([])), CLOCK))
    assert none.cameras == () and "cable" in none.notes[0].en
    missing = (sys.executable, "-I", "-S", str(PI_CHILD))
    for child in (missing, ("/nowhere/python3",)):
        found = asyncio.run(find_picamera2(machine.places(pi_child=child), CLOCK))
        assert found.cameras == () and "python3-picamera2" in found.notes[0].en


@pytest.mark.parametrize(
    "text", ["import time; time.sleep(600)", "print('[]')", "print('{' * 90000)", "raise SystemExit(1)"]
)
def test_a_camera_stack_that_hangs_or_dies(machine: Machine, text: str) -> None:
    machine.board("Raspberry Pi 4 Model B")
    places = machine.places(pi_child=(machine.program("stack", text),), child_s=0.5 if "sleep" in text else 20.0)
    found = asyncio.run(find_picamera2(places, CLOCK))
    assert found.cameras == () and "does not answer" in found.notes[0].en


def test_the_child_for_the_systems_python_needs_nothing_but_it() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", str(PI_CHILD)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"missing": True}


def jetson(machine: Machine, status: int) -> Places:
    machine.board("NVIDIA Jetson Orin Nano", "nvidia,p3768 nvidia,tegra234")
    machine.video(0, "platform/tegra-capture-vi", "vi-output, imx219 9-0010")
    machine.video(1, "platform/tegra-capture-vi", "vi-output, imx219 10-0010")
    machine.video(2, "pci/usb1/1-1", "HD Webcam")
    text = f"import sys\nraise SystemExit({status} if sys.argv[1:] == ['nvarguscamerasrc'] else 9)"
    return machine.places(gst_inspect=machine.program("gst-inspect-1.0", text))


def test_jetson_cameras(machine: Machine) -> None:
    found = asyncio.run(find_argus(jetson(machine, 0), CLOCK))
    assert [(camera.place, camera.name) for camera in found.cameras] == [
        ("argus", "imx219 9-0010"),
        ("argus:1", "imx219 10-0010"),
    ]


def test_a_jetson_without_argus_in_gstreamer(machine: Machine) -> None:
    places = jetson(machine, 1)
    assert "nvidia-l4t-gstreamer" in asyncio.run(find_argus(places, CLOCK)).notes[0].en


def test_a_child_that_talks_without_end_is_stopped_and_takes_its_children_along(machine: Machine) -> None:
    endless = machine.program(
        "endless",
        "import os, subprocess, sys\nchild = subprocess.Popen(['sleep', '600'])\n"
        "os.write(1, b'%d ' % child.pid)\nwhile True: os.write(1, b'x' * 65536)",
    )
    ended = asyncio.run(run_child((endless,), 30, CLOCK))
    assert ended is not None and ended.code is None
    assert len(ended.output) <= MAX_OUTPUT + 65_536
    state = Path(f"/proc/{int(ended.output.split()[0])}/stat")
    assert not state.exists() or state.read_text(encoding="ascii").rpartition(")")[2].split()[0] in "ZX" or gone(state)


def gone(state: Path) -> bool:
    # The signal is on its way to every process of the group; that is waited for without a clock.
    while state.exists() and state.read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX":
        os.sched_yield()
    return True
