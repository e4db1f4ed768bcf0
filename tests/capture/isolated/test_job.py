"""The agent's own child gives what the source in a thread gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.capture.encoder_choice import SOFTWARE, EncoderChoice
from agent.capture.file import FileSource
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.job import open_isolated, taken, written
from agent.capture.source import Source
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet
from tests.capture.clocks import HandClock, PassingStop
from tests.capture.videos import Recipe, drawn, encode

BOTH = Wants(packets=True, frames=True)


def section(path: object, **settings: object) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": str(path), "loop": False, **settings})


def copied(frame: Frame) -> Frame:
    """A frame of a child that is kept takes a slot away."""
    return replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())


def gone_through(source: Source) -> tuple[list[Packet], list[Frame]]:
    items: list[Packet | Frame] = []
    while (read := source.read()) is not None:
        items += [copied(one) if isinstance(one, Frame) else one for one in read]
    source.close()
    return [one for one in items if isinstance(one, Packet)], [one for one in items if isinstance(one, Frame)]


@pytest.fixture(scope="module")
def brief_h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.2 s at 10 fps: it is read as fast as it was filmed."""
    return encode(drawn(12), tmp_path_factory.mktemp("brief") / "brief.mp4", Recipe(gop=10))


def test_the_same_packets_and_pictures_as_in_a_thread(brief_h264: Path) -> None:
    camera = section(brief_h264)
    far = open_isolated(camera, Reading(Clock(), BOTH), Aside())
    packets, frames = gone_through(far)
    clock = HandClock()
    near_packets, near_frames = gone_through(FileSource(camera, Reading(clock, BOTH, PassingStop(clock))))
    assert [(p.pts, p.dts, p.duration, p.key, p.data) for p in packets] == [
        (p.pts, p.dts, p.duration, p.key, p.data) for p in near_packets
    ]
    assert {packet.format for packet in packets} == {packet.format for packet in near_packets}
    assert [f.seq for f in frames] == [f.seq for f in near_frames]
    assert all((a.luma == b.luma).all() and (a.v == b.v).all() for a, b in zip(frames, near_frames, strict=True))
    counts = far.counts()
    assert (counts.pictures, counts.decoded, counts.runs, counts.unsent) == (12, 12, 1, 0)


def test_the_encoder_is_proven_by_the_agent_and_once(brief_h264: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def proven() -> bool:
        asked.append("proven")
        return False

    choice = EncoderChoice(lambda: True, proven)
    monkeypatch.setattr("agent.capture.isolated.job.THIS_PROCESS", choice)
    masks = {"door": [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]}
    camera = section(brief_h264, transcode=True, privacy_masks=masks)
    for _ in range(2):
        far = open_isolated(camera, Reading(Clock(), BOTH), Aside())
        packets, _ = gone_through(far)
        assert packets and far.counts().encoder == SOFTWARE
    assert asked == ["proven"]


def test_a_child_is_told_the_encoder() -> None:
    def never() -> bool:
        raise AssertionError("a trial in a child")

    choice = EncoderChoice(never, never)
    choice.settle(SOFTWARE)
    assert choice.name() == SOFTWARE


def test_words_of_the_camera_come_through(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"nonsense")
    source = open_isolated(section(tmp_path / "no.mp4"), Reading(Clock(), BOTH), Aside())
    with pytest.raises(CameraError) as caught:
        gone_through(source)
    assert caught.value.code == "camera_file"
    assert caught.value.hint is not None
    assert caught.value.hint.vi == "Hãy chép lại tệp, hoặc dùng tệp khác"


def test_a_section_survives_the_way_and_a_login_stays_here() -> None:
    camera = section(
        "/dev/video0",
        timeout="2500ms",
        username="admin",
        password_file="/etc/secret",
        privacy_masks={"door": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]},
        v4l2={"input_format": "mjpeg"},
    )
    job = {"camera": written(camera), "packets": True, "frames": False}
    assert "admin" not in str(job)
    assert "secret" not in str(job)
    there, wants = taken(job)
    assert wants == Wants(packets=True, frames=False)
    assert there == camera.model_copy(update={"username": None, "password_file": None})
