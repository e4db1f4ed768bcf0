"""The household's pause: as long and as often as the ward allows, never longer, and nothing of it is kept."""

from fractions import Fraction
from pathlib import Path

import pytest

from agent.app.pause import NOT_ALLOWED, PAUSED, USED_UP, Pause
from agent.app.vision import VisionDoors, VisionJob
from agent.capture.attention import Attention
from agent.capture.mailbox import LatestFrame
from agent.capture.stats import CaptureStats
from agent.config.camera import CameraSection
from agent.config.household import HouseholdSection
from agent.config.load import check_config
from agent.config.model import Config
from agent.errors import Rejected
from agent.health.faults import FaultBoard, FaultNotice
from agent.pipeline import build
from agent.values import EndReason, Event, Motion, Packet, StreamFormat
from tests.app.test_vision import CAMERA
from tests.capture.clocks import HandClock
from tests.capture.test_attention import frame

ALLOWED = HouseholdSection.model_validate({"pause": "30m", "pauses_per_day": 2})
FORMAT = StreamFormat("h264", 64, 48, Fraction(1, 90000), b"")


class House:
    """What a household has to do with."""

    def __init__(self, directory: Path, section: HouseholdSection | None = ALLOWED) -> None:
        self.clock = HandClock()
        self.directory, self.section = directory, section
        self.notices: list[FaultNotice] = []
        self.faults = FaultBoard(self.clock, self.notices.append)
        self.pause = self.begun()

    def begun(self) -> Pause:
        return Pause(self.section, self.directory, self.faults, self.clock)

    def passes(self, key: bool, cam: str = "gate") -> bool:
        return self.pause.passes(Packet(cam, 1, self.clock.now(), 0, 0, 3000, key, FORMAT, b"x"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_nothing_passes_until_it_is_over_and_then_from_a_key_frame_on(house: House) -> None:
    assert house.passes(key=False) and not house.pause.active
    house.pause.begin(600)
    assert house.pause.active and not house.passes(key=True) and not house.passes(key=False)
    house.clock.pass_s(599)
    assert not house.passes(key=True)
    house.clock.pass_s(2)
    assert [house.passes(key) for key in (False, False, True, False)] == [False, False, True, True]
    assert house.passes(key=False, cam="yard"), "a camera that gave nothing meanwhile has nothing to wait for"
    assert house.pause.health() is None


def test_the_ward_sees_it_and_sees_that_it_is_over(house: House) -> None:
    house.pause.begin(600)
    assert house.faults.codes() == (PAUSED,)
    told = house.pause.health()
    assert told is not None and told.left_s == 600
    house.clock.pass_s(601)
    house.pause.look()
    assert house.faults.codes() == ()
    trouble = house.pause.trouble()
    assert trouble is not None and trouble.code == PAUSED


def test_never_longer_nor_more_often_than_the_ward_allows(house: House) -> None:
    house.pause.begin(10**9)
    told = house.pause.health()
    assert told is not None and told.left_s == 1800
    house.pause.end()
    assert not house.pause.active and house.pause.left() == 1
    house.pause.begin(60)
    house.pause.end()
    with pytest.raises(Rejected) as refused:
        house.pause.begin(60)
    assert refused.value.text is USED_UP and not house.pause.active
    house.clock.pass_s(86_401)
    house.pause.begin(60)


@pytest.mark.parametrize("section", [None, HouseholdSection()])
def test_without_the_wards_leave_there_is_none(tmp_path: Path, section: HouseholdSection | None) -> None:
    house = House(tmp_path, section)
    with pytest.raises(Rejected) as refused:
        house.pause.begin(60)
    assert refused.value.text is NOT_ALLOWED and house.pause.left() == 0 and not house.pause.active


def test_it_outlives_the_process_but_not_the_boot_nor_a_clock_that_is_set(house: House) -> None:
    house.pause.begin(600)
    house.clock.wall_offset_ns -= 10**9 * 86_400 * 400  # the clock is set back by a year
    again = house.begun()
    assert again.active
    house.clock.pass_s(601)
    assert not again.active
    house.clock.boot_id = "boot-b"
    house.clock.wall_offset_ns += 10**9 * 86_400 * 400
    next_boot = house.begun()
    assert not next_boot.active and next_boot.left() == 1, "what was used of the day is not forgotten"


def test_a_file_that_cannot_be_read_pauses_nothing(house: House) -> None:
    for damage in (b"", b"[{}]", b'{"a": 1}', b"\xff"):
        (house.directory / "pause.json").write_bytes(damage)
        assert not house.begun().active


def test_events_that_were_going_on_end_and_say_why(house: House) -> None:
    tree = {
        "node": {"ward": "w", "id": "n"},
        "mqtt": {"url": "mqtts://h"},
        "retention": {"max_days": 30},
        "cameras": [CAMERA],
    }
    config = Config.model_validate(tree)
    section = config.cameras[0]
    assert isinstance(section, CameraSection)
    reasons: list[EndReason] = []
    pipeline = build(config, section, None, lambda at: "id")
    close = pipeline.close

    def closed(at: object, reason: EndReason) -> tuple[Event, ...]:
        reasons.append(reason)
        return close(at, reason)  # type: ignore[arg-type]

    pipeline.close = closed  # type: ignore[method-assign]
    inbox, stats = LatestFrame(), CaptureStats("gate", house.clock)
    attention = Attention(section.idle, lambda _: Motion((), 0.0))
    doors = VisionDoors(
        inbox, stats, attention, lambda *_: None, lambda _: None, 10.0, lambda: None, lambda: house.pause.active
    )
    job = VisionJob(pipeline, doors, house.clock)
    inbox.put(frame(house.clock.mono_s()))
    job.run_once()
    house.pause.begin(600)
    inbox.wake()
    job.run_once()
    assert reasons == [EndReason.PAUSED]
    inbox.wake()
    job.run_once()
    assert len(reasons) == 1, "once"


def test_a_pause_of_seconds_is_a_mistake_of_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    lines = [
        "node: {ward: w, id: n}",
        "mqtt: {url: 'mqtts://h'}",
        "retention: {max_days: 30}",
        "cameras: [{id: gate, source: 'rtsp://192.168.1.64/x'}]",
        "household: {pause: 30s}",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    (mistake,) = check_config(file)
    assert (mistake.line, mistake.path) == (5, "household.pause") and "5m" in mistake.say("en")
