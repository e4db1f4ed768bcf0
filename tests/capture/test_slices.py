import random
from pathlib import Path

import av
import pytest

from agent.capture.slices import BEGINNING, Look, look


def packets(video: Path, annex_b: str) -> list[bytes]:
    """As they come over a network: NAL units behind start codes."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        reshape = av.BitStreamFilterContext(annex_b, stream)
        return [bytes(out) for packet in container.demux(stream) if packet.size for out in reshape.filter(packet)]


@pytest.mark.parametrize(
    ("video", "codec", "annex_b"),
    [
        ("drawn_h264", "h264", "h264_mp4toannexb"),
        ("street_h264", "h264", "h264_mp4toannexb"),
        ("drawn_hevc", "hevc", "hevc_mp4toannexb"),
    ],
)
def test_real_pictures_look_like_pictures_and_noise_does_not(
    video: str, codec: str, annex_b: str, request: pytest.FixtureRequest
) -> None:
    real = packets(request.getfixturevalue(video), annex_b)
    assert {look(codec, one) for one in real} == {Look.PICTURE}
    noise = random.Random(1)
    taken = sum(look(codec, b"\0\0\0\1" + noise.randbytes(500)) is Look.PICTURE for _ in range(3000))
    assert taken < 3000 / 8


def test_parameters_without_a_picture_are_neither() -> None:
    assert look("h264", b"\0\0\0\1\x67\x42\0\0\0\1\x68\xce") is Look.OTHER
    assert look("hevc", b"\0\0\0\1\x40\x01\0\0\0\1\x42\x01") is Look.OTHER


@pytest.mark.parametrize("data", [b"", b"\0\0\0\1", b"<html>", b"\0\0\1\xff\xff"])
def test_what_cannot_be_a_packet(data: bytes) -> None:
    assert look("h264", data) is Look.DAMAGED


def test_other_codecs_are_left_to_their_decoder() -> None:
    assert look("mjpeg", b"anything") is Look.PICTURE


def test_a_picture_behind_a_long_message_is_found() -> None:
    message = b"\0\0\0\1\x06" + b"\x55" * (2 * BEGINNING)
    assert look("h264", message, thorough=False) is Look.OTHER
    assert look("h264", message + b"\0\0\0\1\x65\x88", thorough=False) is Look.PICTURE


def test_in_doubt_all_of_a_packet_is_looked_at() -> None:
    picture = b"\0\0\0\1\x65\x88" + b"\x55" * BEGINNING
    assert look("h264", picture + b"\0\0\1\xff\xff", thorough=False) is Look.PICTURE
    assert look("h264", picture + b"\0\0\1\xff\xff") is Look.DAMAGED
