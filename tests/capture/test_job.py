import threading
from fractions import Fraction
from pathlib import Path

import pytest

from agent.capture.counts import Counts
from agent.capture.job import CaptureJob
from agent.capture.source import SourcePlan, plan_sources
from agent.capture.stats import CaptureStats
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet, StreamFormat, Trouble
from agent.worker import Outcome
from tests.capture.clocks import HandClock, PassingStop


def plan(camera: CameraSection, clock: HandClock) -> SourcePlan:
    (only,) = plan_sources(camera, clock, None)
    return only


def test_a_file_from_start_to_end(drawn_h264: Path) -> None:
    clock = HandClock()
    packets: list[Packet] = []
    frames: list[Frame] = []
    stats = CaptureStats("gate", clock)
    assert stats.state().state == "starting"
    camera = CameraSection(id="gate", source=str(drawn_h264), loop=False)
    job = CaptureJob(plan(camera, clock), PassingStop(clock), packets.extend, frames.append, stats)
    outcomes = [job.run_once() for _ in range(20)]
    assert set(outcomes) == {Outcome.WORKED}
    state = stats.state()
    assert (state.state, state.codec, state.encoder) == ("ok", "h264", "passthrough")
    assert (state.width, state.height, state.frames, state.runs) == (320, 180, 20, 1)
    assert state.fps == pytest.approx(10, rel=0.1) and state.frame_age_s == 0.0
    while job.run_once() is not Outcome.DONE:
        pass
    job.close()
    assert (len(packets), len(frames)) == (40, 20)
    assert stats.state().state == "ended"


def test_a_camera_that_is_not_there_is_lost() -> None:
    clock = HandClock()
    stats = CaptureStats("gate", clock)
    camera = CameraSection(id="gate", source="/dev/video99")
    job = CaptureJob(plan(camera, clock), threading.Event(), print, print, stats)
    with pytest.raises(CameraError) as caught:
        while job.run_once():
            pass
    job.close()
    assert caught.value.code == "camera_absent"
    assert "/dev/video99" in caught.value.text.vi
    assert stats.state().state == "lost"


def test_what_vision_tells() -> None:
    clock = HandClock()
    stats = CaptureStats("gate", clock)
    for _ in range(20):
        clock.pass_s(0.2)
        stats.analysed(30.0)
    stats.analysed()
    stats.dropped()
    stats.vision("motion_only")
    state = stats.state()
    assert (state.analysed, state.dropped, state.vision) == (21, 1, "motion_only")
    assert state.analysed_fps == pytest.approx(5, rel=0.15)
    assert state.inference_ms == pytest.approx(30.0)


def test_a_camera_is_as_well_as_its_worst_source() -> None:
    stats = CaptureStats("gate", HandClock())
    stats.condition("capture-gate", "ok")
    assert stats.state().state == "ok"
    stats.condition("capture-gate-sub", "lost")
    assert stats.state().state == "lost"


def test_pictures_of_the_small_stream_are_not_counted_again() -> None:
    clock = HandClock()
    stats = CaptureStats("gate", clock)
    before = Counts()
    for number in range(1, 31):
        clock.pass_s(0.1)
        now = Counts(pictures=number, errors=number)
        stats.count(now, before)
        stats.count(now, before, main=False)
        before = now
    state = stats.state()
    assert (state.frames, state.decode_errors) == (30, 60)
    assert state.fps == pytest.approx(10, rel=0.1)


def test_plans() -> None:
    def names(**settings: object) -> list[str]:
        camera = CameraSection.model_validate({"id": "gate", **settings})
        return [one.name for one in plan_sources(camera, HandClock(), None)]

    assert names(source="rtsp://host/main") == names(source="/dev/video0") == names(source="a.mp4") == ["capture-gate"]
    assert names(source="rtsp://host/main", sub="rtsp://host/sub") == ["capture-gate", "capture-gate-sub"]


def counted(runs: int, width: int = 640, codec: str = "h264") -> Counts:
    return Counts(pictures=100 * runs, runs=runs, format=StreamFormat(codec, width, 360, Fraction(1, 90_000), b""))


def test_a_changed_picture_and_a_jump_of_time_are_told_apart() -> None:
    clock = HandClock()
    stats = CaptureStats("gate", clock)
    stats.count(counted(1), Counts())
    assert stats.trouble() is None
    clock.pass_s(5)
    stats.count(counted(2), counted(1))  # the same picture, a new run: its stamps jumped
    assert stats.trouble() == Trouble("camera_time_jumped", clock.mono_ns)
    stats.count(counted(3, width=320), counted(2))
    assert stats.trouble() == Trouble("camera_changed", clock.mono_ns)
    stats.count(counted(1, width=320), Counts())  # connected anew: other stamps are a matter of course
    stats.count(counted(1, width=320, codec="hevc"), Counts())
    state = stats.state()
    assert (state.format_changes, state.time_jumps) == (2, 1)


def test_why_a_camera_is_not_well() -> None:
    clock = HandClock()
    stats = CaptureStats("gate", clock)
    stats.condition("capture-gate", "ok")
    stats.condition("capture-gate-sub", "lost", "camera_path")
    assert (stats.state().cause, stats.trouble()) == ("camera_path", None)  # footage does not need the sub stream
    stats.condition("capture-gate", "lost", "camera_auth")
    stats.condition("capture-gate", "starting")  # another try
    assert (stats.state().state, stats.state().cause) == ("lost", "camera_auth")
    for source in ("capture-gate", "capture-gate-sub"):
        stats.condition(source, "ok")
    assert stats.state().cause is None
    assert stats.trouble() == Trouble("camera_auth", clock.mono_ns)
