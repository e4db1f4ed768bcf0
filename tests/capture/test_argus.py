"""The Jetson's pipeline with GStreamer's own parts in the place of NVIDIA's; a real gst-launch throughout."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.argus import ArgusSource, Tracks, open_argus
from agent.capture.argus_pipeline import JETSON, JETSON_NO_ENCODER, Elements, overlay_picture
from agent.capture.isolated.aside import Aside
from agent.capture.source import Source, plan_sources
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.footage.segment import SegmentWriter
from agent.values import Frame, Packet
from tests.capture.argus_stand_in import (
    CHATTER,
    NO_CAMERA,
    NO_DAEMON,
    NO_SESSION,
    REAL,
    STAND_IN,
    TIMED_OUT,
    need_gstreamer,
    pretend,
)
from tests.capture.masking import POLYGONS, TOLERANCE, decoded, far_outside, pictures_of, planes, worst

pytestmark = pytest.mark.real
BOTH = Wants(packets=True, frames=True)
Open = Callable[..., ArgusSource]


def section(**settings: object) -> CameraSection:
    pictures = {"width": 640, "height": 360, "fps": 15}
    asked = {"id": "gate", "source": "argus", "argus": pictures, "timeout": "1s"}
    return CameraSection.model_validate(asked | settings)


@pytest.fixture(scope="module", autouse=True)
def gstreamer() -> None:
    need_gstreamer()


@pytest.fixture
def opened() -> Iterator[Open]:
    sources: list[ArgusSource] = []

    def make(
        camera: CameraSection,
        elements: Elements = STAND_IN,
        stop: threading.Event | None = None,
        aside: Aside | None = None,
    ) -> ArgusSource:
        sources.append(
            open_argus(camera, Reading(Clock(), BOTH, stop or threading.Event()), aside or Aside(), elements)
        )
        return sources[-1]

    yield make
    for source in sources:
        source.close()


def read(source: Source, packets: int, frames: int = 1) -> tuple[list[Packet], list[Frame]]:
    found: list[Packet | Frame] = []
    while True:
        found += source.read() or ()
        main = [item for item in found if isinstance(item, Packet)]
        small = [item for item in found if isinstance(item, Frame)]
        if len(main) >= packets and len(small) >= frames:
            return main, small


def failure(source: Source) -> CameraError:
    with pytest.raises(CameraError) as caught:
        while True:
            source.read()
    return caught.value


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_packets_and_frames_with_the_pipelines_own_stamps(opened: Open, tmp_path: Path) -> None:
    before_ns = time.monotonic_ns()
    source = opened(section())
    packets, frames = read(source, 35, 8)
    now_ns = time.monotonic_ns()
    assert [packet.key for packet in packets[:35]] == [number in (0, 30) for number in range(35)]  # every 2 s
    assert packets[0].format.codec == "h264" and packets[0].format.extradata
    assert (packets[0].format.width, packets[0].format.height) == (640, 360)
    assert {packet.run for packet in packets} == {frame.run for frame in frames} == {packets[0].run}
    steps_s = np.diff([item.at.mono_s for item in packets])
    assert np.abs(steps_s - 1 / 15).max() < 0.002  # the stream counts milliseconds
    assert np.abs(np.diff([item.at.mono_s for item in frames]) - 0.2).max() < 0.002
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


def test_the_pipelines_clock_is_the_nodes_monotonic_clock(opened: Open) -> None:
    ask = "import gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst; Gst.init(None); "
    tell = "import time; print(time.monotonic_ns(), Gst.SystemClock.obtain().get_time(), time.monotonic_ns())"
    try:
        answer = subprocess.run(["/usr/bin/python3", "-c", ask + tell], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no python3-gi")
    first, told, last = (int(part) for part in answer.stdout.split())
    assert first <= told <= last

    before_ns = time.monotonic_ns()
    source = opened(section())
    read(source, 1)
    assert source._launch.started_ns is not None
    assert before_ns < source._launch.started_ns < time.monotonic_ns()


@pytest.mark.parametrize("started_ns", [None, 2**62, 0], ids=["not told", "in the future", "long ago"])
def test_without_a_start_that_makes_sense_stamps_follow_the_arrival(opened: Open, started_ns: int | None) -> None:
    source = opened(section())
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


def test_masks_are_in_every_stored_picture_and_frame(opened: Open) -> None:
    snow = Elements(**{**vars_of(STAND_IN), "source": "videotestsrc is-live=true pattern=snow"})
    areas = tuple(POLYGONS.values())
    source = opened(section(privacy_masks=POLYGONS), snow)
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


def test_masks_that_are_not_drawn_stop_the_camera(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = overlay_picture((), 640, 360)
    monkeypatch.setattr("agent.capture.argus.overlay_picture", lambda rectangles, width, height: empty)
    source = opened(section(privacy_masks={"door": POLYGONS["concave"]}))
    error = failure(source)
    assert error.code == "camera_codec" and "gdkpixbufoverlay" in str(error.hint)
    assert gone(source.pid)


def test_a_camera_that_hangs_upside_down(opened: Open) -> None:
    (_, upright), (_, turned) = (
        read(opened(section(argus={"width": 640, "height": 360, "fps": 15, "rotation": rotation})), 1)
        for rotation in (0, 180)
    )
    bars = 200  # the lower part of the test picture has noise in it
    assert np.abs(upright[0].luma[:bars].astype(int) - turned[0].luma[::-1, ::-1][:bars]).mean() < 1


def test_what_nvidias_parts_print_to_stdout_is_not_taken_for_the_stream(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch, f"cat <<'END'\n{CHATTER}\nEND\nexec {REAL} \"$@\"")
    packets, _ = read(opened(section()), 5)
    assert len(decoded(packets)) == len(packets)


def test_a_child_that_stands_still(opened: Open) -> None:
    source = opened(section())
    read(source, 5)
    os.kill(source.pid, signal.SIGSTOP)
    error = failure(source)
    assert error.code == "camera_stuck" and "sudo systemctl restart nvargus-daemon" in str(error.hint)
    assert gone(source.pid)


def test_a_child_that_is_killed(opened: Open) -> None:
    source = opened(section())
    read(source, 5)
    os.kill(source.pid, signal.SIGKILL)
    assert failure(source).code == "camera_crashed"
    assert gone(source.pid)


def test_a_stop_does_not_wait_for_a_child_that_stands_still(opened: Open) -> None:
    stop = threading.Event()
    source = opened(section(timeout="300s"), stop=stop)
    read(source, 5)
    os.kill(source.pid, signal.SIGSTOP)
    stop.set()
    while source.read():  # what was on its way
        pass
    source.close()
    assert gone(source.pid)


def test_a_child_that_stops_inside_a_packet_is_noticed(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.capture.argus_launch.BREAK_S", 0.5)
    # The first five bytes of a Matroska header, and then nothing more.
    number = """printf '%s' "$*" | sed 's/.*fdsink fd=\\([0-9]*\\).*/\\1/'"""
    pretend(tmp_path, monkeypatch, f"printf '\\032\\105\\337\\243\\243' >/proc/self/fd/$({number}); exec sleep 1000")
    source = opened(section())
    assert failure(source).code == "camera_stuck"
    assert gone(source.pid)


def test_a_child_that_the_kernel_keeps_is_put_aside(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = Aside()
    source = opened(section(), aside=aside)
    read(source, 1)
    monkeypatch.setattr("agent.capture.argus_launch.KILL_S", 0.0)
    monkeypatch.setattr("agent.capture.argus_launch.os.killpg", lambda pid, number: None)
    source.close()
    assert aside.total == 1 and aside.holder("gate") == source.pid
    with pytest.raises(CameraError) as caught:
        opened(section(), aside=aside)
    assert caught.value.code == "camera_unkillable"
    os.kill(source.pid, signal.SIGKILL)


@pytest.mark.parametrize("elements", [JETSON, JETSON_NO_ENCODER])
def test_a_machine_without_nvidias_parts(opened: Open, elements: Elements) -> None:
    error = failure(opened(section(), elements))
    assert "nvarguscamerasrc" in error.text.vi and "nvidia-l4t-gstreamer" in str(error.hint)


def test_a_machine_without_gstreamer(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CameraError) as caught:
        opened(section())
    assert "gst-launch-1.0" in caught.value.text.en and "gstreamer1.0-tools" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("printed", "code", "remedy"),
    [
        (NO_CAMERA, "camera_absent", "jetson-io.py"),
        (NO_DAEMON, "camera_stuck", "restart nvargus-daemon"),
        (NO_SESSION, "camera_stuck", "restart nvargus-daemon"),
        (TIMED_OUT, "camera_stuck", "restart nvargus-daemon"),
        ("ERROR: from element /GstPipeline:p/GstX:x: Internal data stream error.\n\x1b[31m", "camera_crashed", ""),
    ],
    ids=["no camera", "no daemon", "no session", "timeout", "something else"],
)
def test_what_the_camera_stack_prints_is_told_in_words(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, code: str, remedy: str
) -> None:
    pretend(tmp_path, monkeypatch, f"cat <<'END'\n{CHATTER}\n{printed}\nEND")
    error = failure(opened(section()))
    assert error.code == code and remedy in str(error.hint)
    assert error.text.en != error.text.vi and "\x1b" not in str(error)


def test_a_flood_of_words_is_bounded(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, monkeypatch, f"yes '{'x' * 3000}' &\nexec {REAL} \"$@\"")
    source = opened(section())
    read(source, 5)
    assert len(source._launch.lines) <= 60 and max(map(len, source._launch.lines)) <= 500
    assert len(source._launch._rest) <= 500


def test_a_camera_on_a_ribbon_cable_is_read_by_one_thread() -> None:
    (plan,) = plan_sources(section(), Clock(), None)
    assert plan.name == "capture-gate" and plan.wants == BOTH


def test_the_streams_are_what_av_reads_of_them(opened: Open) -> None:
    packets, _ = read(opened(section()), 3)
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = packets[0].format.extradata
    assert decoder.decode(av.Packet(packets[0].data)) or decoder.decode(None)
