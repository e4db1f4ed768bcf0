"""Each stretch without footage is told, with its cause, while it grows and after."""

from pathlib import Path

import pytest

from agent.clock import NS
from agent.config.model import FootageSection
from agent.errors import StorageError
from agent.footage.segment import SegmentWriter
from agent.footage.store import Footage, Hooks
from agent.values import Packet, Trouble
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, gaps_s, moment, recorded, wanted


class Told:
    """What capture would answer."""

    def __init__(self) -> None:
        self.newest: Trouble | None = None

    def __call__(self, cam: str) -> Trouble | None:
        return self.newest if cam == CAM else None


def opened(directory: Path, clock: HandClock, told: Told, **settings: object) -> Footage:
    section = FootageSection.model_validate({"segment": "10s", "keep_free": "0B", **settings})
    return Footage(directory / "footage", section, 30, clock, Hooks(told))


def live(store: Footage, clock: HandClock, packets: list[Packet], lost: int = 0) -> None:
    """Each packet is written when its picture was taken; the clock ends where the last picture ends."""
    for number, packet in enumerate(packets):
        clock.mono_ns = max(clock.mono_ns, packet.at.mono_ns)
        store.write(packet, lost if number == 0 else 0)
    clock.pass_s(0.1)


def gaps(store: Footage) -> list[tuple[float, float, str]]:
    found = store.state(CAM).gaps
    return [(round((g.from_ns - WALL_NS) / NS, 2), round((g.to_ns - WALL_NS) / NS, 2), g.cause) for g in found]


def balanced(store: Footage) -> bool:
    state = store.state(CAM)
    return state.expected_s == pytest.approx(state.recorded_s + state.gap_s, abs=1e-6)


def test_why_there_was_nothing(drawn_h264: Path, tmp_path: Path) -> None:
    clock, told = HandClock(), Told()
    store = opened(tmp_path, clock, told)
    live(store, clock, recorded(drawn_h264, moment(1003), run=1))
    told.newest = Trouble("camera_auth", moment(1012).mono_ns)
    live(store, clock, recorded(drawn_h264, moment(1020), run=2))
    live(store, clock, recorded(drawn_h264, moment(1030), run=3))  # the trouble is an old one by now
    assert gaps(store) == [
        (1000.0, 1003.0, "starting"),
        (1007.0, 1020.0, "camera_auth"),
        (1024.0, 1030.0, "reconnect"),
    ]
    assert store.state(CAM).recorded_s == pytest.approx(12.0) and store.state(CAM).gap_s == pytest.approx(22.0)
    assert balanced(store)
    store.close()


def test_a_camera_that_is_away_now(drawn_h264: Path, tmp_path: Path) -> None:
    clock, told = HandClock(), Told()
    store = opened(tmp_path, clock, told)
    clock.pass_s(5)
    assert gaps(store) == [(1000.0, 1005.0, "starting")] and balanced(store)
    live(store, clock, recorded(drawn_h264, moment(1005)))
    clock.pass_s(9)
    told.newest = Trouble("camera_silent", clock.mono_ns)
    assert gaps(store)[-1] == (1009.0, 1018.0, "camera_silent") and balanced(store)
    clock.pass_s(600)
    assert gaps(store)[-1] == (1009.0, 1618.0, "camera_silent") and balanced(store)
    store.close()


@pytest.mark.parametrize("run", [1, 2])
def test_a_pause_too_short_for_the_segment_to_be_finished(drawn_h264: Path, tmp_path: Path, run: int) -> None:
    clock, told = HandClock(), Told()
    store = opened(tmp_path, clock, told)
    before = recorded(drawn_h264, moment(1000))
    live(store, clock, before[:-3])
    told.newest = Trouble("paused", moment(1003.8).mono_ns)
    live(store, clock, recorded(drawn_h264, moment(1008), run=run, stamp_s=8))  # as a pause lets it through
    live(store, clock, recorded(drawn_h264, moment(1016), run=run, stamp_s=16))  # the camera's own: the pause is over
    assert gaps(store) == [(1003.7, 1008.0, "paused"), (1012.0, 1016.0, "no_picture")] and balanced(store)
    store.finish()
    clip = store.library.cut(wanted(moment(1001), moment(1019)), tmp_path / "clip.mp4")
    assert clip is not None and gaps_s(clip) == [(1003.7, 1008.0, "paused"), (1012.1, 1016.0, "no_picture")]
    assert [one.gap_cause for one in store.library.find(CAM, moment(0), moment(1010))] == ["restart", "paused"]
    store.close()


def test_packets_that_the_queue_lost(drawn_h264: Path, tmp_path: Path) -> None:
    clock, told = HandClock(), Told()
    store = opened(tmp_path, clock, told)
    live(store, clock, recorded(drawn_h264, moment(1000)))
    told.newest = Trouble("camera_silent", moment(1004).mono_ns)
    live(store, clock, recorded(drawn_h264, moment(1006), stamp_s=6), lost=20)
    assert gaps(store) == [(1004.0, 1006.0, "dropped")] and balanced(store)
    store.close()


def test_what_the_disk_refused_is_a_gap(drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HandClock()
    store = opened(tmp_path, clock, Told(), segment="2s")
    packets = recorded(drawn_h264, moment(1000))
    live(store, clock, packets[:35])

    def refuse(writer: SegmentWriter, packet: Packet) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SegmentWriter, "write", refuse)
        with pytest.raises(StorageError):
            store.write(packets[35])
    live(store, clock, recorded(drawn_h264, moment(1010), run=2))
    assert gaps(store) == [(1003.5, 1010.0, "storage_error")] and balanced(store)
    store.close()


def test_a_new_connection_that_repeats_old_pictures(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = opened(tmp_path, clock, Told())
    live(store, clock, recorded(drawn_h264, moment(1000), run=1))
    live(store, clock, recorded(drawn_h264, moment(1002), run=2))
    assert store.state(CAM).recorded_s == pytest.approx(6.0) and balanced(store)
    assert sum(one.duration_s for one in store.library.find(CAM, moment(0), moment(9999))) == pytest.approx(4.0)
    store.close()
