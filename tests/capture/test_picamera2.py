"""The real child program, as a process of its own, on a camera stack that has the real one's shape."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.attention import Attention
from agent.capture.isolated import source as waiting
from agent.capture.isolated.aside import Aside
from agent.capture.picamera.settings import Settings
from agent.capture.picamera.words import CABLE
from agent.capture.picamera2 import Picamera2Source, SystemPython, lores_size, open_picamera2, settings_of
from agent.capture.source import plan_sources
from agent.capture.stream import Reading, Wants
from agent.clock import NS, Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Motion, Packet, Picture
from tests.capture.masking import TOLERANCE, planes, worst

DOUBLE = Path(__file__).with_name("picamera2_double")
SMALL = {"width": 640, "height": 360, "fps": 30}
MASK = {"window": [[0.4, 0.3], [0.7, 0.35], [0.6, 0.8]]}
Start = Callable[..., Picamera2Source]


def section(**settings: object) -> CameraSection:
    given = {"id": "gate", "source": "picamera2", "picamera2": SMALL, "analysis_fps": 10, "timeout": "4s", **settings}
    return CameraSection.model_validate(given)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Opens a camera on the double; keyword arguments are its switches."""
    opened: list[Picamera2Source] = []

    def start(camera: CameraSection, attention: Attention | None = None, **switches: object) -> Picamera2Source:
        told = {"told": str(tmp_path / "told"), **switches}
        env = {"PYTHONPATH": str(DOUBLE), "PICAMERA2_DOUBLE": json.dumps(told)}
        reading = Reading(Clock(), Wants(packets=True, frames=True), attention=attention)
        opened.append(open_picamera2(camera, reading, Aside(), SystemPython(sys.executable, env)))
        return opened[-1]

    yield start
    for source in opened:
        source.close()


def taken(source: Picamera2Source, packets: int, frames: int = 0) -> tuple[list[Packet], list[Frame]]:
    """So many of each; frames as copies, because their memory is shared."""
    found: tuple[list[Packet], list[Frame]] = ([], [])
    while len(found[0]) < packets or len(found[1]) < frames:
        for item in source.read() or ():
            if isinstance(item, Packet):
                found[0].append(item)
            else:
                planes = (item.luma.copy(), item.u.copy(), item.v.copy())
                found[1].append(Frame(item.cam, item.run, item.seq, item.at, *planes))
    return found


def failure(source: Picamera2Source) -> CameraError:
    with pytest.raises(CameraError) as caught:
        while source.read() is not None:
            pass
    return caught.value


def decoded(packets: list[Packet]) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(b"".join(packet.data for packet in packets)), format="h264") as container:
        return list(container.decode(video=0))


def mark(luma: Picture) -> int:
    """Which picture it is, as the scene has it in the upper left corner."""
    return round((float(np.mean(luma[4:24, 4:24])) - 40) / 12)


@pytest.mark.parametrize(("board", "encoder"), [("vc4", "h264_v4l2"), ("pisp", "libx264")])
def test_packets_and_frames_of_each_board(start: Start, board: str, encoder: str) -> None:
    source = start(section(), board=board)
    packets, frames = taken(source, 20, 4)
    assert packets[0].key
    assert (packets[0].format.codec, packets[0].format.width, packets[0].format.height) == ("h264", 640, 360)
    assert packets[0].data.startswith(packets[0].format.extradata[:5])
    assert {packet.run for packet in packets} == {frame.run for frame in frames} == {packets[0].run}
    pictures = decoded(packets)
    assert [(picture.width, picture.height) for picture in pictures] == [(640, 360)] * len(packets)
    assert source.counts().encoder == encoder
    assert source.counts().format == packets[0].format


def test_stamps_are_the_sensors_and_join_packets_and_frames(start: Start) -> None:
    packets, frames = taken(start(section()), 30, 5)
    now_ns = Clock().now().mono_ns
    assert packets[0].pts == 0 and all(packet.pts == packet.dts for packet in packets)
    assert all(packet.at.mono_ns == packets[0].at.mono_ns + packet.pts * 1000 for packet in packets)
    assert all(0 < now_ns - packet.at.mono_ns < 30 * NS for packet in packets)
    shown = {
        packet.at.mono_ns: mark(planes(picture)[0]) for packet, picture in zip(packets, decoded(packets), strict=True)
    }
    joined = [(mark(frame.luma), shown[frame.at.mono_ns]) for frame in frames if frame.at.mono_ns in shown]
    assert len(joined) >= 3
    assert all(left == right for left, right in joined)


class Told(Attention):
    """As idle as the test says."""

    def look(self, frame: Frame) -> bool:
        return False


def test_frames_come_as_often_as_asked_and_less_often_while_idle(start: Start) -> None:
    camera = section(idle={"every": "0.5s"})
    attention = Told(camera.idle, lambda frame: Motion((), 0.0))
    source = start(camera, attention)
    _, frames = taken(source, 0, 8)
    assert frames[-1].at.mono_ns - frames[0].at.mono_ns > 0.6 * NS  # 7 cells of a tenth, less one
    attention.idle = True
    _, frames = taken(source, 0, 3)
    assert frames[-1].at.mono_ns - frames[-2].at.mono_ns > 0.42 * NS
    attention.idle = False
    _, frames = taken(source, 0, 4)
    assert frames[-1].at.mono_ns - frames[-2].at.mono_ns < 0.42 * NS


@pytest.mark.parametrize("pixel_format", ["YUV420", "NV12"])
def test_padding_is_stripped(start: Start, pixel_format: str) -> None:
    _, frames = taken(start(section(), padding=64, pixel_format=pixel_format), 1, 1)
    frame = frames[0]
    assert frame.luma.shape == (360, 640) and frame.u.shape == frame.v.shape == (180, 320)
    assert 77 not in frame.luma[40:]
    assert (int(frame.u.min()), int(frame.u.max()), int(frame.v.min()), int(frame.v.max())) == (100, 100, 160, 160)


def test_a_stream_begins_where_it_can_be_decoded(start: Start) -> None:
    source = start(section(), lose=3)
    packets, _ = taken(source, 3)
    assert packets[0].key and len(decoded(packets)) == 3
    assert packets[0].pts == 0


def test_a_size_that_the_camera_changed(start: Start) -> None:
    packets, _ = taken(start(section(privacy_masks=MASK), shrink=8), 2)
    assert (packets[0].format.width, packets[0].format.height) == (632, 352)
    assert all(black(picture) for picture in decoded(packets))


def black(picture: av.VideoFrame) -> bool:
    """Constant and black inside the polygon."""
    return worst(planes(picture), MASK.values()) <= TOLERANCE


@pytest.mark.parametrize("board", ["vc4", "pisp"])
def test_masks_are_painted_before_the_encoder_and_the_frames(start: Start, board: str) -> None:
    camera = section(privacy_masks=MASK, picamera2={**SMALL, "width": 800, "height": 448})
    packets, frames = taken(start(camera, board=board, padding=32), 20, 3)
    pictures = decoded(packets)
    assert len(pictures) == len(packets)
    assert all(black(picture) for picture in pictures)
    for frame in frames:
        assert frame.luma.shape == (358, 640)
        assert frame.luma[179, 352] == 16 and frame.u[90, 176] == frame.v[90, 176] == 128
        assert frame.luma[40:].max() > 100


def test_a_mask_that_cannot_be_painted_stops_the_camera(start: Start) -> None:
    source = start(section(privacy_masks=MASK), fault="no_mapping", after=5)
    packets: list[Packet] = []
    with pytest.raises(CameraError) as caught:
        while True:
            packets += [item for item in source.read() or () if isinstance(item, Packet)]
    assert caught.value.code == "camera_mask"
    assert all(black(picture) for picture in (decoded(packets) if packets else ()))
    assert len(packets) <= 5


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("absent", "camera_absent", "rpicam-hello --list-cameras"),
        ("busy", "camera_permission", "Device or resource busy"),
        ("denied", "camera_permission", "usermod -aG video"),
        ("refuses", "camera_settings", "Invalid camera configuration"),
        ("no_encoder", "camera_encoder", "/dev/video11"),
        ("encoder_dies", "camera_encoder", "Input/output error"),
        ("crashes", "camera_crashed", "thread.cpp:42"),
    ],
)
def test_what_is_told_of_each_failure(start: Start, fault: str, code: str, says: str) -> None:
    told = failure(start(section(), fault=fault))
    assert told.code == code
    assert says in str(told)


@pytest.mark.parametrize("board", ["vc4", "pisp"])
def test_an_encoder_that_dies_in_its_own_thread(start: Start, board: str) -> None:
    assert failure(start(section(), board=board, fault="encoder_dies")).code == "camera_encoder"


def test_a_loose_ribbon_is_told_with_the_cable_as_the_remedy(start: Start, tmp_path: Path) -> None:
    source = start(section(timeout="1s"), fault="timed_out")
    told = failure(source)
    assert told.code == "camera_silent" and told.hint is CABLE
    source.close()
    assert "stop" not in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_an_encoder_that_gives_nothing_more(start: Start) -> None:
    assert failure(start(section(timeout="1s"), fault="encoder_hangs")).code == "camera_encoder"


def test_a_stack_that_hangs_is_killed(start: Start) -> None:
    source = start(section(timeout="1s"), fault="frozen")
    pid = source.child.pid
    told = failure(source)
    assert told.code in ("camera_silent", "camera_stuck") and told.hint is CABLE
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stack_that_never_opens_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "OPEN_S", 0.5)
    monkeypatch.setattr(waiting, "SIGN_S", 1.0)
    source = start(section(timeout="1s"), fault="hangs_open")
    told = failure(source)
    assert told.code == "camera_stuck" and told.hint is CABLE
    with pytest.raises(ProcessLookupError):
        os.kill(source.child.pid, 0)


def test_closing_never_asks_the_camera_stack_to_stop(start: Start, tmp_path: Path) -> None:
    source = start(section(), fault="anything")
    taken(source, 3)
    pid = source.child.pid
    source.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "stop" not in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_without_the_library_the_package_to_install_is_named() -> None:
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    source = open_picamera2(section(), reading, Aside(), SystemPython(sys.executable))
    told = failure(source)
    source.close()
    assert told.code == "camera_library"
    assert "sudo apt install -y python3-picamera2" in str(told)


def test_settings_become_controls(start: Start, tmp_path: Path) -> None:
    camera = section(picamera2={**SMALL, "rotation": 180, "light": "night", "focus": "once", "hdr": "sensor"})
    _, frames = taken(start(camera), 1, 1)
    told = (tmp_path / "told").read_text(encoding="utf-8").splitlines()
    assert {"sensor hdr True", "Saturation 0.0", "AeExposureMode Long", "AfMode Auto", "AfTrigger Start"} <= set(told)
    assert "FrameDurationLimits (33333, 200000)" in told
    assert "raw None turned True True" in told
    assert mark(frames[0].luma[::-1, ::-1]) == frames[0].seq


def test_a_setting_that_this_camera_has_not_is_named(start: Start) -> None:
    camera = section(picamera2={**SMALL, "focus": "fixed", "focus_distance": 2.0})
    told = failure(start(camera, missing=["AfMode", "LensPosition", "AfTrigger"]))
    assert told.code == "camera_settings"
    assert "`focus`, `focus_distance`" in str(told)


def test_high_dynamic_range_of_a_sensor_that_has_none_is_refused(start: Start) -> None:
    told = failure(start(section(picamera2={**SMALL, "hdr": "sensor"}), model="imx219"))
    assert told.code == "camera_settings" and "`hdr: sensor` (imx219)" in str(told)


def test_high_dynamic_range_that_was_set_before_is_switched_off(start: Start, tmp_path: Path) -> None:
    taken(start(section()), 1)
    assert "sensor hdr False" in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_a_camera_without_a_lens_motor_needs_no_setting(start: Start) -> None:
    packets, _ = taken(start(section(), missing=["AfMode", "LensPosition", "AfTrigger", "HdrMode"]), 1)
    assert packets[0].key


@pytest.mark.parametrize("main", [(1920, 1080), (800, 448), (4056, 3040), (320, 240), (642, 362)])
def test_the_small_stream_is_even_and_keeps_the_shape(main: tuple[int, int]) -> None:
    width, height = lores_size(main)
    assert width % 2 == height % 2 == 0
    assert width <= 640 and height <= main[1]
    assert abs(width / height - main[0] / main[1]) < 0.02


def test_the_job_survives_json() -> None:
    settings = settings_of(section(privacy_masks=MASK, source="picamera2:1"))
    assert settings.number == 1 and settings.main_masks and settings.lores_masks
    assert Settings.taken(json.loads(json.dumps(settings.job))) == settings


def test_the_plan_has_one_source_for_both() -> None:
    plans = plan_sources(section(), Clock(), None)
    assert [(plan.name, plan.wants) for plan in plans] == [("capture-gate", Wants(packets=True, frames=True))]
