"""What the real child program, a process of its own, gives of a camera stack of the real one's shape."""

from pathlib import Path

import pytest

from agent.capture.attention import Attention
from agent.clock import NS, Clock
from agent.values import Frame, Motion
from tests.capture.masking import planes
from tests.capture.picamera.cameras import MASK, SMALL, Start, black, decoded, mark, section, taken


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


def test_settings_become_controls(start: Start, tmp_path: Path) -> None:
    camera = section(picamera2={**SMALL, "rotation": 180, "light": "night", "focus": "once", "hdr": "sensor"})
    _, frames = taken(start(camera), 1, 1)
    told = (tmp_path / "told").read_text(encoding="utf-8").splitlines()
    assert {"sensor hdr True", "Saturation 0.0", "AeExposureMode Long", "AfMode Auto", "AfTrigger Start"} <= set(told)
    assert "FrameDurationLimits (33333, 200000)" in told
    assert "raw None turned True True" in told
    assert mark(frames[0].luma[::-1, ::-1]) == frames[0].seq


def test_high_dynamic_range_that_was_set_before_is_switched_off(start: Start, tmp_path: Path) -> None:
    taken(start(section()), 1)
    assert "sensor hdr False" in (tmp_path / "told").read_text(encoding="utf-8").splitlines()


def test_a_camera_without_a_lens_motor_needs_no_setting(start: Start) -> None:
    packets, _ = taken(start(section(), missing=["AfMode", "LensPosition", "AfTrigger", "HdrMode"]), 1)
    assert packets[0].key
