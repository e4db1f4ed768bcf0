"""The Jetson's pipeline with GStreamer's own parts in the place of NVIDIA's; a real gst-launch throughout."""

import subprocess
import time
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.argus import Tracks
from agent.capture.attention import Attention
from agent.capture.jetson.pipeline import Elements, overlay_picture
from agent.capture.source import plan_sources
from agent.capture.stream import Reading
from agent.clock import Clock
from agent.footage.segment import SegmentWriter
from agent.values import Frame, Motion, Packet
from tests.capture.argus_stand_in import BOTH, CHATTER, REAL, STAND_IN, Open, failure, gone, pretend, read, section
from tests.capture.masking import POLYGONS, TOLERANCE, decoded, far_outside, pictures_of, planes, worst

pytestmark = pytest.mark.real


def test_packets_and_frames_with_the_pipelines_own_stamps(argus: Open, tmp_path: Path) -> None:
    before_ns = time.monotonic_ns()
    source = argus(section())
    packets, frames = read(source, 35, 8)
    now_ns = time.monotonic_ns()
    assert [packet.key for packet in packets[:35]] == [number in (0, 30) for number in range(35)]  # every 2 s
    assert packets[0].format.codec == "h264" and packets[0].format.extradata
    assert (packets[0].format.width, packets[0].format.height) == (640, 360)
    assert {packet.run for packet in packets} == {frame.run for frame in frames} == {packets[0].run}
    for times in ([packet.at.mono_s for packet in packets], [frame.at.mono_s for frame in frames]):
        steps = np.diff(times) * 15  # more than one where a busy machine left pictures out
        assert np.abs(steps - steps.round()).max() < 0.03 and steps.min() > 0.9  # the stream counts milliseconds
    assert np.diff([frame.at.mono_s for frame in frames]).min() > 0.19
    assert all(before_ns < at.mono_ns < now_ns for at in [one.at for one in packets] + [one.at for one in frames])
    shown = {round(item.at.mono_s, 2) for item in packets}
    assert all(round(frame.at.mono_s, 2) in shown for frame in frames[:5]), "both tracks are on one clock"
    assert frames[0].luma.shape == (360, 640) and frames[0].u.shape == (180, 320)
    assert len(decoded(packets)) == len(packets)
    counts = source.counts()
    assert (counts.pictures, counts.encoder, counts.format) == (len(packets), "x264enc", packets[0].format)

    writer = SegmentWriter(tmp_path, packets[0], None)
    for packet in packets[1:30]:
        writer.write(packet)
    assert len(pictures_of(writer.finish().segment.path)) == 30


def test_the_pipelines_clock_is_the_nodes_monotonic_clock(argus: Open) -> None:
    ask = "import gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst; Gst.init(None); "
    tell = "import time; print(time.monotonic_ns(), Gst.SystemClock.obtain().get_time(), time.monotonic_ns())"
    try:
        answer = subprocess.run(["/usr/bin/python3", "-c", ask + tell], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no python3-gi")
    first, told, last = (int(part) for part in answer.stdout.split())
    assert first <= told <= last

    before_ns = time.monotonic_ns()
    source = argus(section())
    read(source, 1)
    assert source._launch.started_ns is not None
    assert before_ns < source._launch.started_ns < time.monotonic_ns()


@pytest.mark.parametrize("started_ns", [None, 2**62, 0], ids=["not told", "in the future", "long ago"])
def test_without_a_start_that_makes_sense_stamps_follow_the_arrival(argus: Open, started_ns: int | None) -> None:
    source = argus(section())
    read(source, 1)
    assert source._container is not None
    clock = Clock()
    tracks = Tracks(section(), Reading(clock, BOTH), "x264enc")
    tracks.attach(source._container.streams.video)
    found: list[Packet | Frame] = []
    while len(found) < 5:
        item = tracks.take(next(source._packets), started_ns)
        now_s = clock.mono_s()
        if item is not None:
            found.append(item)
            assert now_s - 5 < item.at.mono_s <= now_s + 0.3  # a burst at the start runs ahead of its arrival


@pytest.mark.long("as other cameras")
def test_idle_it_looks_less_often_and_wakes_with_the_next_look(argus: Open) -> None:
    camera = section(idle={"after": "1s", "every": "600ms"})
    stirs: list[Frame] = []
    attention = Attention(camera.idle, lambda frame: Motion((), 0.0, stirred=bool(stirs)))
    source = argus(camera, attention=attention)
    frames: list[Frame] = []

    def look(count: int) -> list[float]:
        seen = [frame.at.mono_s for frame in read(source, 0, count)[1]]
        return [later - earlier for earlier, later in pairwise(seen)]

    while not attention.idle:
        frames += read(source, 0, 1)[1]
    assert frames[-1].at.mono_s - frames[0].at.mono_s >= 1
    assert min(look(3)) > 0.5
    stirs.append(frames[0])
    read(source, 0, 1)
    assert not attention.idle
    assert min(look(4)) < 0.5


def test_masks_are_in_every_stored_picture_and_frame(argus: Open) -> None:
    snow = Elements(**{**vars_of(STAND_IN), "source": "videotestsrc is-live=true pattern=snow"})
    areas = tuple(POLYGONS.values())
    source = argus(section(privacy_masks=POLYGONS), snow)
    packets, frames = read(source, 35, 6)
    assert (packets[0].format.width, packets[0].format.height) == (640, 360)
    outside = far_outside(areas, 640, 360)
    for picture in decoded(packets):
        shown = planes(picture)
        assert worst(shown, areas) <= TOLERANCE
        assert shown[0][outside].std() > 20
    for frame in frames:
        assert worst((frame.luma, frame.u, frame.v), areas) <= TOLERANCE
        assert frame.luma[outside].std() > 20


def vars_of(elements: Elements) -> dict[str, str]:
    return {name: getattr(elements, name) for name in Elements.__slots__}


def test_masks_that_are_not_drawn_stop_the_camera(argus: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = overlay_picture((), 640, 360)
    monkeypatch.setattr("agent.capture.argus.overlay_picture", lambda rectangles, width, height: empty)
    source = argus(section(privacy_masks={"door": POLYGONS["concave"]}))
    error = failure(source)
    assert error.code == "camera_codec" and "gdkpixbufoverlay" in str(error.hint)
    assert gone(source.pid)


def test_a_camera_that_hangs_upside_down(argus: Open) -> None:
    (_, upright), (_, turned) = (
        read(argus(section(argus={"width": 640, "height": 360, "fps": 15, "rotation": rotation})), 1)
        for rotation in (0, 180)
    )
    bars = 200  # the lower part of the test picture has noise in it
    assert np.abs(upright[0].luma[:bars].astype(int) - turned[0].luma[::-1, ::-1][:bars]).mean() < 1


def test_what_nvidias_parts_print_to_stdout_is_not_taken_for_the_stream(
    argus: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch, f"cat <<'END'\n{CHATTER}\nEND\nexec {REAL} \"$@\"")
    packets, _ = read(argus(section()), 5)
    assert len(decoded(packets)) == len(packets)


def test_a_camera_on_a_ribbon_cable_is_read_by_one_thread() -> None:
    (plan,) = plan_sources(section(), Clock(), None)
    assert plan.name == "capture-gate" and plan.wants == BOTH


def test_the_streams_are_what_av_reads_of_them(argus: Open) -> None:
    packets, _ = read(argus(section()), 3)
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = packets[0].format.extradata
    assert decoder.decode(av.Packet(packets[0].data)) or decoder.decode(None)
