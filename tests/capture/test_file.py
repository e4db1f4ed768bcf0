from itertools import pairwise
from pathlib import Path

import av
import pytest

from agent.capture.file import FileSource
from agent.capture.replay import read_file
from agent.capture.stream import Reading, Wants
from agent.clock import MediaClock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet
from tests.capture.clocks import HandClock, PassingStop

BOTH = Wants(packets=True, frames=True)


def played(camera: CameraSection, clock: HandClock, reads: int = 10_000) -> tuple[FileSource, list[Packet | Frame]]:
    source = FileSource(camera, Reading(clock, BOTH, PassingStop(clock)))
    found: list[Packet | Frame] = []
    for _ in range(reads):
        items = source.read()
        if items is None:
            break
        found += items
    return source, found


def test_a_file_is_played_at_its_own_pace(drawn_h264: Path) -> None:
    clock = HandClock()
    camera = CameraSection(id="gate", source=str(drawn_h264), loop=False)
    _, found = played(camera, clock)
    packets = [item for item in found if isinstance(item, Packet)]
    assert len(packets) == 40
    assert clock.mono_s() == pytest.approx(1003.9, abs=0.001)
    assert [packet.at.mono_s for packet in packets] == pytest.approx([1000 + number / 10 for number in range(40)])


def test_packets_are_untouched(drawn_h264: Path) -> None:
    camera = CameraSection(id="gate", source=str(drawn_h264), loop=False)
    _, found = played(camera, HandClock())
    with av.open(str(drawn_h264)) as container:
        stream = container.streams.video[0]
        expected = [(bytes(p), p.pts, p.dts, p.duration, p.is_keyframe) for p in container.demux(stream) if p.size]
        extradata = stream.codec_context.extradata
    packets = [item for item in found if isinstance(item, Packet)]
    assert [(p.data, p.pts, p.dts, p.duration, p.key) for p in packets] == expected
    assert packets[0].format.extradata == extradata
    assert packets[0].key and packets[0].run == packets[-1].run == 1000 * 10**9


def test_live_frames_are_those_of_replay(street_h264: Path) -> None:
    camera = CameraSection(id="gate", source=str(street_h264), loop=False)
    _, found = played(camera, HandClock())
    live = [item.seq for item in found if isinstance(item, Frame)]
    assert live == [one.number for one in read_file(street_h264, camera, MediaClock())]


@pytest.mark.parametrize("video", ["drawn_h264", "drawn_hevc"])
def test_a_loop_keeps_the_run_and_the_stamps_go_on(video: str, request: pytest.FixtureRequest) -> None:
    camera = CameraSection(id="gate", source=str(request.getfixturevalue(video)), loop=True)
    source, found = played(camera, HandClock(), reads=130)
    packets = [item for item in found if isinstance(item, Packet)]
    assert source.reader.runs == 1
    assert len(packets) > 100 and len({packet.run for packet in packets}) == 1
    dts = [packet.dts * packet.format.time_base for packet in packets]
    assert all(round(float(after - before), 6) == 0.1 for before, after in pairwise(dts))
    ats = [item.at.mono_ns for item in found if isinstance(item, Frame)]
    assert len(ats) > 50 and all(b - a == pytest.approx(2e8, abs=1e5) for a, b in pairwise(ats))


def test_a_stop_during_the_wait_gives_nothing_more(drawn_h264: Path) -> None:
    clock = HandClock()
    stop = PassingStop(clock)
    source = FileSource(CameraSection(id="gate", source=str(drawn_h264)), Reading(clock, BOTH, stop))
    assert source.read()
    stop.set()
    assert source.read() == ()


def test_one_wait_is_never_long(tmp_path: Path, drawn_h264: Path) -> None:
    # A file with a pause of 9 s between two pictures.
    path = tmp_path / "pause.mp4"
    with av.open(str(drawn_h264)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.size and number in (0, 1):
                packet.pts = packet.dts = (packet.pts or 0) + (9 * 10240 if number else 0)
                packet.stream = stream
                target.mux(packet)
    clock = HandClock()
    stop = PassingStop(clock)
    opened = FileSource(CameraSection(id="gate", source=str(path), loop=False), Reading(clock, BOTH, stop))
    while opened.read() is not None:
        pass
    assert max(stop.waits) <= 2.0 and clock.mono_s() > 1009


def test_a_codec_that_does_not_play_in_mp4(drawn_mjpeg: Path) -> None:
    with pytest.raises(CameraError) as caught:
        FileSource(
            CameraSection(id="gate", source=str(drawn_mjpeg)), Reading(HandClock(), BOTH, PassingStop(HandClock()))
        )
    assert caught.value.code == "camera_codec"
    assert "mjpeg" in caught.value.text.en
    assert "transcode: true" in str(caught.value.hint)


def test_transcoded_packets_play(drawn_mjpeg: Path) -> None:
    camera = CameraSection(id="gate", source=str(drawn_mjpeg), loop=False, transcode=True)
    source, found = played(camera, HandClock())
    packets = [item for item in found if isinstance(item, Packet)]
    assert source.reader.encoder == "libx264"
    assert len(packets) == 10 and packets[0].key
    assert {packet.format.codec for packet in packets} == {"h264"}
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = packets[0].format.extradata
    pictures = [one for packet in packets for one in decoder.decode(av.Packet(packet.data))] + decoder.decode(None)
    assert len(pictures) == 10 and (pictures[0].width, pictures[0].height) == (320, 180)
    assert len([item for item in found if isinstance(item, Frame)]) == 5


def test_a_file_without_a_single_picture_is_an_error_and_not_an_endless_loop(tmp_path: Path, drawn_h264: Path) -> None:
    whole = bytearray(drawn_h264.read_bytes())
    begin = whole.index(b"mdat") + 4
    end = whole.index(b"moov") - 4 if whole.index(b"moov") > begin else len(whole)
    whole[begin:end] = bytes(end - begin)
    path = tmp_path / "zeros.mp4"
    path.write_bytes(whole)
    clock = HandClock()
    source = FileSource(
        CameraSection(id="gate", source=str(path)), Reading(clock, Wants(False, True), PassingStop(clock))
    )
    with pytest.raises(CameraError) as caught:
        for _ in range(100):
            source.read()
    assert caught.value.code == "camera_file"
