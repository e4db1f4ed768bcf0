from pathlib import Path

import av

from agent.capture.parameters import parameter_sets
from agent.capture.stream import Reading, StreamReader, Wants
from agent.config.camera import CameraSection
from agent.values import Packet
from tests.capture.clocks import HandClock
from tests.capture.videos import Recipe, drawn, encode


def annex_b(path: Path, recipe: Recipe, width: int) -> Path:
    return encode(drawn(20, width), path, recipe)


def test_sets_of_a_real_key_frame(tmp_path: Path) -> None:
    path = annex_b(tmp_path / "a.h264", Recipe(gop=10, container="h264"), 320)
    with av.open(str(path)) as container:
        key = bytes(next(container.demux(video=0)))
    sets = parameter_sets("h264", key)
    assert sets is not None
    assert sets.shape[0] & 0x1F == 7
    assert sets.extradata.startswith(b"\x00\x00\x00\x01" + sets.shape)
    assert parameter_sets("h264", sets.extradata) == sets


def test_what_has_none() -> None:
    assert parameter_sets("mjpeg", b"\x00\x00\x01\x67abc") is None
    assert parameter_sets("h264", b"") is None
    assert parameter_sets("h264", b"\x00\x00\x01") is None
    assert parameter_sets("h264", b"\x01\x64\x00\x1f") is None  # length-prefixed
    assert parameter_sets("h264", b"\x00\x00\x01\x41abc") is None  # no key frame


def test_another_picture_size_begins_a_new_run_with_its_own_format(tmp_path: Path) -> None:
    # Nobody decodes here: the size is read from the stream, as for a main stream beside a sub stream.
    recipe = Recipe(gop=10, container="mpegts")
    small, large = annex_b(tmp_path / "s.ts", recipe, 320), annex_b(tmp_path / "l.ts", recipe, 480)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    clock = HandClock()
    reader = StreamReader(CameraSection(id="gate", source=str(joined)), "x", Reading(clock, Wants(True, False)))
    found: list[Packet] = []
    with av.open(str(joined)) as container:
        stream = reader.attach(container)
        for packet in container.demux(stream):
            clock.pass_s(0.1)
            found += [item for item in reader.take(packet) if isinstance(item, Packet)]
    assert sorted({(packet.run, packet.format.width) for packet in found}) == [
        (found[0].run, 320),
        (found[-1].run, 480),
    ]
    assert found[0].run < found[-1].run
    firsts = [packet for packet, before in zip(found[1:], found, strict=False) if packet.run != before.run]
    assert [packet.key for packet in firsts] == [True]
    assert firsts[0].format.extradata != found[0].format.extradata
