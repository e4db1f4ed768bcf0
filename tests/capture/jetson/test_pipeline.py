from pathlib import Path

import cv2
import numpy as np
import pytest

from agent.capture.jetson.pipeline import (
    JETSON,
    JETSON_NO_ENCODER,
    Descriptors,
    arguments,
    jetson_elements,
    overlay_picture,
    small_size,
)
from agent.capture.jetson.words import explained, last_words, started_ns
from agent.capture.masks import Rectangle
from agent.config.camera import CameraSection
from tests.capture.argus_stand_in import NO_CAMERA, NO_DAEMON


def command(**settings: object) -> str:
    camera = CameraSection.model_validate({"id": "gate", "source": "argus:1", **settings})
    return " ".join(arguments(camera, JETSON, Descriptors(7, 9 if camera.privacy_masks else None)))


def test_the_pipeline_of_a_jetson() -> None:
    text = command(analysis_fps=3, argus={"width": 1280, "height": 720, "fps": 20, "bitrate_kbps": 2500})
    assert text.startswith("gst-launch-1.0 -q ")
    assert "nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM),format=NV12,width=1280,height=720" in text
    assert "nvv4l2h264enc bitrate=2500000 iframeinterval=40 idrinterval=40 insert-sps-pps=true" in text
    assert "video/x-raw(memory:NVMM),framerate=3/1" in text and "format=I420,width=640,height=360" in text
    assert "fdsink fd=7" in text and "gdkpixbufoverlay" not in text and "flip-method" not in text


def test_masks_are_drawn_after_turning_and_before_the_two_streams_part() -> None:
    text = command(privacy_masks={"door": [[0, 0], [0.1, 0], [0.1, 0.1]]}, argus={"rotation": 180})
    turn, mask, tee = text.index("flip-method=2"), text.index("location=/proc/self/fd/9"), text.index("tee name=t")
    assert turn < mask < tee
    assert text.count("width=1920,height=1080") == 4  # nothing in between may scale


def test_few_small_pictures_do_not_hold_the_main_stream_up() -> None:
    assert "framerate=1/1" in command(analysis_fps=0.1)
    assert "framerate=10/1" in command(analysis_fps=30, argus={"fps": 10})
    assert "framerate=5/2" in command(analysis_fps=2.5)


@pytest.mark.parametrize(
    ("size", "small"),
    [((1920, 1080), (640, 360)), ((1640, 1232), (640, 480)), ((320, 240), (320, 240)), ((500, 374), (496, 372))],
)
def test_small_pictures_keep_the_shape(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert small_size(*size) == small


def test_an_orin_nano_has_no_encoder(tmp_path: Path) -> None:
    assert jetson_elements(tmp_path) is JETSON_NO_ENCODER
    (tmp_path / "v4l2-nvenc").touch()
    assert jetson_elements(tmp_path) is JETSON


def test_the_masks_picture() -> None:
    png = overlay_picture((Rectangle(16, 0, 48, 32),), 64, 48)
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None and pixels.shape == (48, 64, 4)
    assert (pixels[:32, 16:48] == (0, 0, 0, 255)).all() and pixels[..., 3].sum() == 32 * 32 * 255


@pytest.mark.parametrize(
    ("line", "at_ns"),
    [
        (
            "0:00:00.019829139 29819 0x55ce DEBUG pipeline gstpipeline.c:494:gst_pipeline_change_state:<pipeline0> "
            "start_time=0:00:00.000000000, now=3:35:13.657023745, base_time 3:35:13.657023745",
            12_913_657_023_745,
        ),
        ("start_time=0:00:00.617156694, now=3:35:14.274180439, base_time 3:35:13.657023745", None),
        ("Setting pipeline to PLAYING ...", None),
    ],
)
def test_the_moment_of_stamp_zero(line: str, at_ns: int | None) -> None:
    assert started_ns(line) == at_ns


def test_the_cause_is_told_before_its_consequences() -> None:
    error = explained(NO_DAEMON.splitlines(), "argus")
    assert error is not None and error.code == "camera_stuck"
    assert explained(["Got EOS from element", NO_CAMERA], "argus") is not None
    assert explained(["Setting pipeline to PAUSED ..."], "argus") is None
    trace = "0:00:00.636996489 29819 0x55ce DEBUG pipeline gstpipeline.c:386:x:<pipeline0> start_time=0"
    assert last_words(["ERROR: it broke", "Additional debug info:", trace, ""]) == "ERROR: it broke"
