"""What a real kernel's video devices do, seen from inside the emulated machine: `vivid`, the kernel's test camera.

Not collected by `make test`; see machine.py. The driver's module is taken out and put in again, as a plug would be.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from agent.capture.counts import Counts
from agent.capture.encoder_choice import chip_is_listed
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.job import open_isolated
from agent.capture.source import Source
from agent.capture.stream import Reading, Wants
from agent.capture.usb.choice import choose
from agent.capture.usb.devices import advice, stable_name
from agent.capture.usb.formats import device_formats
from agent.capture.v4l2 import open_v4l2
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.footage.mux import Opened
from agent.footage.segment import SegmentWriter
from agent.values import Frame, Packet

BOTH = Wants(packets=True, frames=True)
PATIENT_S = 120.0


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=60)


def plug(first: int = 0, **options: str) -> None:
    wanted = {"n_devs": "1", "node_types": "0x01", "num_inputs": "1", "input_types": "0x00", "no_error_inj": "0"}
    run("modprobe", "vivid", *(f"{key}={value}" for key, value in {**wanted, **options}.items()), f"vid_cap_nr={first}")
    run("udevadm", "settle")


def unplug() -> None:
    run("modprobe", "-r", "vivid")
    run("udevadm", "settle")


@pytest.fixture
def camera() -> Iterator[Path]:
    plug()
    try:
        found = stable_name(Path("/dev/video0"))
        assert found is not None, list(Path("/dev/v4l").rglob("*"))
        yield found
    finally:
        unplug()


def section(path: Path | str, **settings: object) -> CameraSection:
    small = {"width": 320, "height": 180, "fps": 15}
    return CameraSection.model_validate(
        {"id": "gate", "source": str(path), "timeout": "20s", "v4l2": small, **settings}
    )


def reading() -> Reading:
    return Reading(Clock(), BOTH, threading.Event())


def until(source: Source, packets: int) -> tuple[list[Packet], list[Frame]]:
    found: tuple[list[Packet], list[Frame]] = ([], [])
    deadline_s = time.monotonic() + PATIENT_S
    while len(found[0]) < packets and time.monotonic() < deadline_s:
        for item in source.read() or ():
            found[0].append(item) if isinstance(item, Packet) else found[1].append(item)
    return found


def test_formats_are_listed(camera: Path) -> None:
    formats = device_formats(str(camera))
    say(formats.driver, formats.card, formats.bus, [one.fourcc for one in formats.formats])
    assert formats.driver == "vivid"
    offered = {one.fourcc: one for one in formats.formats}
    assert {"YUYV", "UYVY", "NV12", "GREY"} <= offered.keys()
    assert offered["YUYV"].codec == "yuyv422"
    say(offered["YUYV"])
    sizes = {(one.size.max_width, one.size.max_height) for one in offered["YUYV"].sizes}
    assert {(320, 180), (640, 360), (1280, 720)} <= sizes
    chosen = choose(formats, section(camera))
    assert (chosen.width, chosen.height) == (320, 180) and chosen.fps >= 14


def test_the_machines_cameras_have_stable_names(camera: Path) -> None:
    told = advice("/dev/video0")
    assert told is not None and str(camera) in told.en
    assert not chip_is_listed()


@pytest.mark.parametrize("asked", ["yuyv422", "uyvy422", "nv12", "gray"])
def test_every_raw_format_is_captured_and_encoded(camera: Path, asked: str) -> None:
    wish = {"width": 320, "height": 180, "fps": 15, "input_format": asked}
    source = open_v4l2(section(camera, v4l2=wish), reading())
    try:
        packets, frames = until(source, 5)
    finally:
        source.close()
    assert packets[0].key and packets[0].format.codec == "h264"
    assert (packets[0].format.width, packets[0].format.height) == (320, 180)
    assert frames[0].luma.std() > 10


def test_a_segment_from_a_child_process_plays(camera: Path, tmp_path: Path) -> None:
    source = open_isolated(section(camera), reading(), Aside(tmp_path))
    try:
        packets, frames = until(source, 40)
        counts: Counts = source.counts()
    finally:
        source.close()
    say(counts)
    assert counts.encoder == "libx264"
    assert frames and frames[0].luma.shape == (180, 320)
    stamps = [packet.at.mono_ns for packet in packets]
    assert stamps == sorted(stamps) and abs(time.monotonic_ns() - stamps[-1]) < 30 * 10**9
    writer = SegmentWriter(tmp_path, packets[0], None)
    for packet in packets[1:]:
        if writer.joins(packet):
            writer.write(packet)
    stored = writer.finish()
    with Opened(stored.segment.path) as opened:
        assert opened.first_picture()
    with av.open(str(stored.segment.path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == writer.packets


def test_a_camera_in_use_is_told(camera: Path) -> None:
    first = open_v4l2(section(camera), reading())
    try:
        until(first, 1)
        with pytest.raises(CameraError) as caught:
            until(open_v4l2(section(camera), reading()), 1)
    finally:
        first.close()
    assert caught.value.code == "camera_permission"
    assert "fuser" in str(caught.value.hint)


def test_unplugged_and_plugged_in_again_as_another_number(tmp_path: Path) -> None:
    plug()
    named = stable_name(Path("/dev/video0"))
    assert named is not None
    camera, aside = section(named, timeout="5s"), Aside(tmp_path)
    source = open_isolated(camera, reading(), aside)
    assert until(source, 3)[0]
    # The driver lets go of nobody who still holds the device; its switch for this does what a pulled plug does.
    Path("/sys/bus/platform/drivers/vivid/unbind").write_text("vivid.0")
    run("udevadm", "settle")
    assert not named.exists()
    with pytest.raises(CameraError) as caught:
        for _ in range(400):
            source.read()
    say("unplugged:", caught.value.code, caught.value, caught.value.hint)
    codes = [caught.value.code]
    source.close()
    again = open_isolated(camera, reading(), aside)
    with pytest.raises(CameraError) as absent:
        for _ in range(400):
            again.read()
    again.close()
    say("absent:", absent.value.code, absent.value, absent.value.hint)
    codes.append(absent.value.code)
    assert codes[-1] == "camera_absent" and codes[0] in ("camera_absent", "camera_silent", "camera_stuck")
    assert absent.value.hint is not None
    unplug()
    plug(first=7)
    try:
        assert not Path("/dev/video0").exists() and named.resolve() == Path("/dev/video7")
        fresh = open_isolated(camera, reading(), aside)
        packets, frames = until(fresh, 3)
        fresh.close()
        assert packets[0].key and frames
    finally:
        unplug()
