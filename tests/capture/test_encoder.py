"""Encoding for real with libx264; the chip of a Raspberry Pi is imitated by what is known of its ways."""

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import pytest

from agent.capture import encoder as encoder_module
from agent.capture import encoder_trial
from agent.capture.encoder import AvPacket, Encoder
from agent.capture.encoder_choice import HARDWARE, SOFTWARE, EncoderChoice, chip_is_listed, passes_trial
from agent.capture.encoding import Encoded, Encoding
from agent.capture.parameters import parameter_sets
from agent.errors import CameraError
from agent.footage.mux import PLAIN, Muxer, Opened, Piece
from tests.capture.videos import drawn

BASE, FPS = Fraction(1, 90_000), 10
STEP = 90_000 // FPS


def pictures(count: int, pix_fmt: str = "yuv420p") -> Iterator[av.VideoFrame]:
    return (one.reformat(format=pix_fmt) for one in drawn(count))


def software() -> EncoderChoice:
    return EncoderChoice(lambda: False, lambda: False)


def encoded(encoding: Encoding, count: int, pix_fmt: str = "yuv420p", start: int = 0) -> list[Encoded | None]:
    encoding.attach(BASE, FPS)
    return [encoding.encode(one, (start + number) * STEP) for number, one in enumerate(pictures(count, pix_fmt))]


def decoded(found: list[Encoded | None]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    made = [one for one in found if one is not None]
    decoder.extradata = made[0].format.extradata
    packets = [av.Packet(bytes(packet)) for one in made for packet in one.packets]
    return [picture for packet in packets for picture in decoder.decode(packet)] + decoder.decode(None)


def test_every_picture_at_once_and_a_key_frame_every_two_seconds() -> None:
    found = encoded(Encoding("x", 4.0, software()), 60)
    packets = [one.packets for one in found if one is not None]
    assert [len(each) for each in packets] == [1] * 60
    assert [number for number, (packet,) in enumerate(packets) if packet.is_keyframe] == [0, 20, 40]
    assert [packet.pts for (packet,) in packets] == [number * STEP for number in range(60)]
    assert len(decoded(found)) == 60


def test_pictures_of_mjpeg_keep_their_range() -> None:
    found = encoded(Encoding("x", 4.0, software()), 3, "yuvj420p")
    (shown, *_) = decoded(found)
    assert shown.format.name == "yuvj420p"
    before = next(pictures(1, "yuvj420p")).to_ndarray()[:180].astype(int)
    assert abs(shown.to_ndarray()[:180].astype(int) - before).mean() < 2


class Chip:
    """libx264 that behaves as a chip does: no extradata, parameter sets in the stream, stamps in whole microseconds."""

    def __init__(self, context: av.VideoCodecContext, apart: bool, fails_after: int | None = None) -> None:
        self.__dict__["context"] = context
        self.__dict__["apart"] = apart
        self.__dict__["left"] = fails_after

    def __getattr__(self, name: str) -> Any:
        return None if name == "extradata" else getattr(self.context, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.context, name, value)

    def open(self) -> None:
        self.context.options = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1"}
        self.context.open()

    def encode(self, picture: av.VideoFrame) -> list[AvPacket]:
        if self.left is not None:
            if self.left == 0:
                raise av.error.OSError(5, "Input/output error")
            self.__dict__["left"] -= 1
        given: list[AvPacket] = []
        for packet in self.context.encode(picture):
            data = bytes(packet)
            sets = parameter_sets("h264", data)
            if sets is not None and self.apart:
                given.append(self._like(packet, sets.extradata))
                data = data[data.rindex(b"\x00\x00\x01\x65") :]
            given.append(self._like(packet, data))
        return given

    def _like(self, packet: AvPacket, data: bytes) -> AvPacket:
        made: AvPacket = av.Packet(data)  # type: ignore[assignment]  # it is video
        made.pts = made.dts = round(Fraction(packet.pts or 0) * 1_000_000 / 90_000) * 90_000 // 1_000_000
        made.is_keyframe = packet.is_keyframe
        return made


class Maker:
    """In place of av.CodecContext."""

    def __init__(self, apart: bool = False, fails_after: int | None = None, refuses: bool = False) -> None:
        self.apart, self.fails_after, self.refuses = apart, fails_after, refuses

    def create(self, name: str, mode: Literal["w"]) -> Any:
        if name != HARDWARE:
            return av.CodecContext.create(name, mode)
        if self.refuses:
            raise av.error.ArgumentError(22, "Invalid argument")
        context = av.CodecContext.create(SOFTWARE, mode)
        assert isinstance(context, av.VideoCodecContext)
        return Chip(context, self.apart, self.fails_after)


class Av:
    """The library with another maker of encoders."""

    def __init__(self, maker: Maker) -> None:
        self.CodecContext = maker

    def __getattr__(self, name: str) -> object:
        return getattr(av, name)


@pytest.mark.parametrize("apart", [False, True])
def test_a_chip_that_puts_its_parameters_into_the_stream(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, apart: bool
) -> None:
    monkeypatch.setattr(encoder_module, "av", Av(Maker(apart)))
    chip = EncoderChoice(lambda: True, lambda: True)
    encoding = Encoding("x", 4.0, chip)
    encoding.attach(Fraction(1, 90_000), 7)
    step = 90_000 // 7  # no whole number of microseconds
    found = [encoding.encode(one, number * step) for number, one in enumerate(pictures(30))]
    assert encoding.name == HARDWARE
    made = [one for one in found if one is not None]
    packets = [packet for one in made for packet in one.packets]
    assert [packet.pts for packet in packets] == [number * step for number in range(30)]
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 14, 28]
    form = made[0].format
    assert form.extradata and all(one.format == form for one in made)
    # A segment that begins with the second key frame has its own header and plays from its first picture on.
    path = tmp_path / "part.mp4"
    muxer = Muxer(path, form, PLAIN)
    for packet in packets[14:]:
        pts = (packet.pts or 0) - 14 * step
        muxer.write(Piece(pts, pts, 0, packet.is_keyframe, bytes(packet)))
    muxer.close()
    with Opened(path) as opened:
        assert opened.first_picture()
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 16


def test_a_chip_that_fails_in_use_is_replaced_and_a_new_run_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "av", Av(Maker(fails_after=5)))
    chip = EncoderChoice(lambda: True, lambda: True)
    encoding = Encoding("x", 4.0, chip)
    found = encoded(encoding, 10)
    assert [one.anew for one in found if one is not None] == [number == 5 for number in range(10)]
    sixth = found[5]
    assert sixth is not None and sixth.packets[0].is_keyframe
    assert encoding.name == SOFTWARE == chip.name()


def test_a_chip_that_refuses_this_size_is_replaced_before_the_first_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "av", Av(Maker(refuses=True)))
    found = encoded(Encoding("x", 4.0, EncoderChoice(lambda: True, lambda: True)), 3)
    assert [one.anew for one in found if one is not None] == [False] * 3
    assert len(decoded(found)) == 3


def test_pictures_that_nothing_can_encode_are_a_fault_in_words() -> None:
    encoding = Encoding("/dev/video0", 4.0, software())
    encoding.attach(BASE, FPS)
    with pytest.raises(CameraError) as caught:
        encoding.encode(av.VideoFrame(321, 179, "yuv420p"), 0)
    assert caught.value.code == "camera_codec" and "/dev/video0" in str(caught.value)


def test_a_camera_that_changes_its_size_gets_a_fresh_encoder() -> None:
    encoding = Encoding("x", 4.0, software())
    encoded(encoding, 3)
    changed = encoding.encode(next(drawn(1, 160, 120)).reformat(format="yuv420p"), 10 * STEP)
    assert changed is not None and changed.anew and changed.format.width == 160


def test_the_choice_is_made_once() -> None:
    asked: list[str] = []

    def says(word: str) -> bool:
        asked.append(word)
        return True

    choice = EncoderChoice(lambda: says("listed"), lambda: says("proven"))
    assert [choice.name() for _ in range(3)] == [HARDWARE] * 3
    assert asked == ["listed", "proven"]


def test_a_chip_that_does_not_prove_itself_is_not_used() -> None:
    assert EncoderChoice(lambda: True, lambda: False).name() == SOFTWARE


def test_without_a_chip_nothing_is_tried(tmp_path: Path) -> None:
    (tmp_path / "video11").touch()
    assert not chip_is_listed(tmp_path)
    assert EncoderChoice(lambda: False, lambda: pytest.fail("tried")).name() == SOFTWARE


def test_the_trial_passes_for_an_encoder_that_works_and_for_no_other() -> None:
    assert passes_trial(SOFTWARE)
    assert not passes_trial("mpeg4")  # encodes, but not H.264
    assert encoder_trial.main(["no-such-encoder"]) == 1


def test_the_trial_of_a_chip_that_hangs_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hanging.py").write_text("import threading\nthreading.Event().wait()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert not passes_trial("any", "hanging", 0.5)


def test_a_trial_that_cannot_be_started_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert not passes_trial(SOFTWARE)


def test_grey_pictures_do_not_pass_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    class Grey(Encoder):
        def encode(self, picture: av.VideoFrame, pts: int) -> Iterator[AvPacket]:
            grey = av.VideoFrame(picture.width, picture.height, "yuv420p")
            for plane in grey.planes:
                plane.update(bytes([128]) * plane.buffer_size)
            return super().encode(grey, pts)

    monkeypatch.setattr(encoder_trial, "Encoder", Grey)
    assert encoder_trial.main([SOFTWARE]) == 1
