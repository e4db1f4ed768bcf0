"""Small pictures for somebody who looks now: their size, their rate, and privacy masks that are black in them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest

from agent.capture.attention import Attention
from agent.capture.small_stream import SmallStream
from agent.clock import NS, Moment
from agent.config.camera import CameraSection
from agent.config.devices import IdleSection
from agent.motion import MotionDetector
from agent.values import Frame, Packet


def section(**fields: Any) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": "rtsp://127.0.0.1/a", "encode_cpu": 4, **fields})


def frames(count: int, width: int, height: int, fps: float = 5.0) -> Sequence[Frame]:
    """Noise is the hardest to code; the left half is a privacy mask, painted already."""
    dice = np.random.default_rng(3)
    found = []
    for number in range(count):
        luma = dice.integers(16, 235, (height, width), np.uint8)
        luma[:, : width // 2] = 16
        chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
        at = Moment(round((number + 1) / fps * NS), 0, True, "boot")
        found.append(Frame("gate", 1, number, at, luma, chroma, chroma))
    return found


def decoded(packets: Sequence[Packet]) -> list[av.VideoFrame]:
    context: av.VideoCodecContext = av.CodecContext.create("h264", "r")
    context.extradata = packets[0].format.extradata
    pictures = [picture for one in packets for picture in context.decode(av.Packet(one.data))]
    return [*pictures, *context.decode(None)]


@pytest.mark.parametrize(
    ("kbps", "given", "shown"),
    [
        (800, (1920, 1080), (640, 360)),
        (200, (640, 480), (480, 360)),
        (64, (641, 361), (320, 180)),
        (64, (99, 75), (98, 74)),
    ],
)
def test_the_picture_is_as_large_as_the_rate_allows(kbps: int, given: tuple[int, int], shown: tuple[int, int]) -> None:
    stream = SmallStream(section(), kbps)
    packets = [one for frame in frames(3, *given) for one in stream.encode(frame)]
    form = packets[0].format
    assert (form.codec, form.width, form.height) == ("h264", *shown)
    assert {(one.width, one.height) for one in decoded(packets)} == {shown}


@pytest.mark.parametrize("kbps", [100, 400])
def test_even_the_hardest_picture_keeps_to_the_rate(kbps: int) -> None:
    stream = SmallStream(section(), kbps)
    packets = [one for frame in frames(100, 640, 360) for one in stream.encode(frame)]
    spent_kbps = sum(len(one.data) for one in packets[10:]) * 8 / 1000 / (90 / 5.0)
    assert spent_kbps <= 1.15 * kbps


def test_key_pictures_come_every_two_seconds_and_stamps_are_the_frames_own() -> None:
    stream = SmallStream(section(), 300)
    packets = [one for frame in frames(25, 320, 180) for one in stream.encode(frame)]
    assert [number for number, one in enumerate(packets) if one.key] == [0, 10, 20]
    assert [round(one.at.mono_s, 3) for one in packets[:3]] == [0.2, 0.4, 0.6]
    assert {later.dts - earlier.dts for earlier, later in pairwise(packets)} == {18_000}


def test_a_mask_stays_black() -> None:
    stream = SmallStream(section(), 300)
    packets = [one for frame in frames(6, 640, 360) for one in stream.encode(frame)]
    for picture in decoded(packets):
        luma = np.frombuffer(bytes(picture.planes[0]), np.uint8).reshape(picture.height, -1)[:, : picture.width]
        assert luma[:, : picture.width // 2 - 16].max() <= 18
        assert luma[:, picture.width // 2 + 16 :].std() > 5


def test_who_is_looked_at_does_not_doze() -> None:
    attention = Attention(IdleSection.model_validate({"after": "1s"}), MotionDetector().update)
    still = frames(1, 320, 180)[0]

    def shown(first: int, last: int) -> list[bool]:
        idle = []
        for number in range(first, last):
            at = Moment(round(number / 5 * NS), 0, True, "boot")
            attention.look(Frame("gate", 1, number, at, still.luma, still.u, still.v))
            idle.append(attention.idle)
        return idle

    assert shown(0, 100)[-1], "it dozes when nothing stirs"
    attention.watched = True
    assert not any(shown(100, 200))
    attention.watched = False
    assert shown(200, 300)[-1]
