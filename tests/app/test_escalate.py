"""When an agent may start itself anew, and when a device: with a clock moved by hand, over restarts and reboots."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from agent.app.escalate import REQUEST, CameraView, Escalation, Rung
from agent.app.rungs import FILE, Taken, elapsed_s
from agent.clock import NS, Moment
from agent.config.model import EscalationSection
from agent.contract.faults import CODES
from agent.errors import AgentError
from tests.capture.clocks import HandClock

HUNG = CameraView("gate", works=False, fault="camera_stuck")
WELL = CameraView("gate", works=True)
HOUR = 3600.0


@dataclass
class Board:
    """What was reported, in the reporter's words."""

    open: dict[str, AgentError] = field(default_factory=dict)

    def raised(self, source: str, error: AgentError) -> None:
        assert error.code in CODES
        self.open[source] = error

    def cleared(self, source: str) -> None:
        self.open.pop(source, None)


class Device:
    """A device over restarts of the agent and reboots; `run` looks every ten seconds."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, reboot: bool = True) -> None:
        self.folder = folder
        self.run_folder = folder / "run"
        self.run_folder.mkdir()
        monkeypatch.setenv("RUNTIME_DIRECTORY", str(self.run_folder))
        self.section = EscalationSection(reboot=reboot)
        self.clock = HandClock(mono_s=30.0)
        self.restart()

    def restart(self) -> None:
        self.board = Board()
        self.escalation = Escalation(self.section, self.folder, self.board, self.clock)

    def reboot(self, trusted: bool, away_s: float = 60.0) -> None:
        wall_ns = self.clock.now().wall_ns
        self.clock = HandClock(mono_s=30.0, boot_id=self.clock.boot_id + "+", trusted=trusted)
        self.clock.wall_offset_ns = wall_ns + round(away_s * NS) - self.clock.mono_ns if trusted else 0
        self.restart()

    def run(self, seconds: float, *cameras: CameraView) -> list[Rung]:
        """The rung taken, if any; stops at it."""
        for _ in range(int(seconds / 10)):
            self.clock.pass_s(10)
            rung = self.escalation.look(cameras)
            if rung is not None:
                return [rung]
        return []

    @property
    def asked(self) -> bool:
        return (self.run_folder / REQUEST).exists()

    def counts(self) -> tuple[int, int]:
        row = json.loads((self.folder / FILE).read_text(encoding="utf-8"))
        return row["process"]["count"], row["reboot"]["count"]


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    return Device(tmp_path, monkeypatch)


def test_the_agent_is_started_anew_after_ten_minutes_of_hanging(device: Device) -> None:
    assert device.run(590, HUNG) == []
    assert device.run(60, HUNG) == [Rung.PROCESS]
    assert device.counts() == (1, 0)
    assert "gate" in device.board.open["escalation"].text.vi


@pytest.mark.parametrize(
    "cameras",
    [
        (HUNG, CameraView("yard", works=True)),
        (CameraView("gate", works=False, fault="camera_absent"),),
        (CameraView("gate", works=False, fault="camera_unreachable"),),
        (CameraView("gate", works=False),),
    ],
)
def test_never_for_others_than_hanging_cameras_nor_while_one_works(
    device: Device, cameras: tuple[CameraView, ...]
) -> None:
    assert device.run(24 * HOUR, *cameras) == []
    assert not (device.folder / FILE).exists()


def test_a_minute_of_work_begins_the_count_anew(device: Device) -> None:
    for _ in range(5):
        assert device.run(590, HUNG) == []
        assert device.run(70, WELL) == []


def test_a_few_pictures_now_and_then_do_not(device: Device) -> None:
    starting = CameraView("gate", works=False)
    for _ in range(6):
        assert [device.run(60, HUNG), device.run(10, starting), device.run(30, WELL)] == [[], [], []]
    assert device.run(10, HUNG) == [Rung.PROCESS]
    device.restart()
    device.run(30, WELL)
    assert "escalation" in device.board.open, "half a minute is no proof that it helped"


def test_a_camera_that_was_unplugged_does_not_hang_any_longer(device: Device) -> None:
    assert device.run(590, HUNG) == []
    assert device.run(10, CameraView("gate", works=False, fault="camera_absent")) == []
    assert device.run(590, HUNG) == []


def test_a_camera_that_hangs_now_this_way_and_now_that_way_hangs(device: Device) -> None:
    for _ in range(14):
        assert device.run(40, HUNG) == []
    assert device.run(60, CameraView("gate", works=False, fault="camera_unkillable")) == [Rung.PROCESS]


def test_another_camera_that_is_only_absent_does_not_hold_it_back(device: Device) -> None:
    absent = CameraView("yard", works=False, fault="camera_absent")
    assert device.run(HOUR, absent, HUNG) == [Rung.PROCESS]


def test_the_device_restarts_only_when_the_agent_did_so_in_vain(device: Device) -> None:
    assert device.run(HOUR, HUNG) == [Rung.PROCESS]
    device.restart()
    assert "escalation" in device.board.open, "a fresh agent must go on telling what was done"
    assert device.run(590, HUNG) == []
    assert not device.asked
    assert device.run(20, HUNG) == [Rung.REBOOT]
    assert device.asked
    assert device.counts() == (1, 1)


def test_what_helped_is_over(device: Device) -> None:
    device.run(HOUR, HUNG)
    device.restart()
    assert device.run(70, WELL) == []
    assert device.board.open == {}
    assert device.run(5 * HOUR, HUNG) == [], "the process rung was taken for an earlier hang"
    assert device.counts() == (1, 0)


def test_another_camera_hanging_after_the_restart_does_not_reboot(device: Device) -> None:
    device.run(HOUR, HUNG, CameraView("yard", works=False, fault="camera_absent"))
    device.restart()
    yard = CameraView("yard", works=False, fault="camera_stuck")
    assert device.run(5 * HOUR, CameraView("gate", works=False, fault="camera_absent"), yard) == []


def test_without_leave_the_device_never_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path, monkeypatch, reboot=False)
    for _ in range(4):
        device.run(7 * HOUR, HUNG)
        device.restart()
    assert device.counts() == (4, 0)
    assert not device.asked


@pytest.mark.parametrize("trusted", [True, False])
def test_a_week_of_hanging_is_at_most_four_restarts_and_reboots_a_day(device: Device, trusted: bool) -> None:
    at_s: dict[Rung, list[float]] = {Rung.PROCESS: [], Rung.REBOOT: []}
    life_s = 0.0
    while life_s < 7 * 24 * HOUR:
        begun_s = device.clock.mono_s()
        taken = device.run(HOUR, HUNG)
        life_s += device.clock.mono_s() - begun_s
        for rung in taken:
            at_s[rung].append(life_s)
        if Rung.REBOOT in taken:
            device.reboot(trusted, away_s=60.0)
            life_s += 60.0
        elif Rung.PROCESS in taken:
            device.restart()
    for times in at_s.values():
        assert 14 <= len(times) <= 7 * 4 + 1
        assert min(b - a for a, b in pairwise(times)) >= 6 * HOUR
    assert device.counts() == (len(at_s[Rung.PROCESS]), len(at_s[Rung.REBOOT]))


def test_a_request_that_nobody_hears_is_withdrawn_and_told(device: Device) -> None:
    device.run(HOUR, HUNG)
    device.restart()
    assert device.run(650, HUNG) == [Rung.REBOOT]
    device.run(70, HUNG)
    assert not device.asked
    hint = device.board.open["escalation"].hint
    assert hint is not None
    assert "--allow-reboot" in hint.en
    assert device.run(5 * HOUR, HUNG) == []


def test_an_old_request_does_not_reboot_when_the_agent_starts(device: Device) -> None:
    (device.run_folder / REQUEST).touch()
    device.restart()
    assert not device.asked


def test_nothing_is_done_that_cannot_be_noted(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent.app.rungs.write_durably", full)
    assert device.run(2 * HOUR, HUNG) == []
    monkeypatch.undo()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(device.run_folder))
    assert device.run(70, HUNG) == [Rung.PROCESS]


def test_the_note_is_on_the_disk_before_anything_is_done(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.run(HOUR, HUNG)
    device.restart()
    noted: list[tuple[int, int]] = []
    monkeypatch.setattr(device.escalation.request, "make", lambda: noted.append(device.counts()))
    device.run(HOUR, HUNG)
    assert noted == [(1, 1)]


def note(count: str, wall_ns: str) -> str:
    at = f'{{"mono_ns": 0, "wall_ns": {wall_ns}, "trusted": true, "boot_id": "other"}}'
    rung = f'{{"count": {count}, "at": {at}}}'
    return f'{{"camera": null, "process": {rung}, "reboot": {rung}, "rebooted": false}}'


DAMAGES = {
    "empty": "",
    "cut": "{",
    "list": "[]",
    "numbers": '{"camera": null, "process": 1, "reboot": 2, "rebooted": 3}',
    "deep": "[" * 16_000,
    "endless": note("1e999", "0"),
    "far": note("1", "9" * 400),
    "negative": note("-1", "0"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_note_holds_for_six_hours(device: Device, damage: str) -> None:
    (device.folder / FILE).write_text(damage, encoding="utf-8")
    device.restart()
    assert device.run(5.9 * HOUR, HUNG) == []
    assert device.run(0.2 * HOUR, HUNG) == [Rung.PROCESS]


def moment(mono_s: float, wall_s: float, boot: str, trusted: bool = True) -> Moment:
    return Moment(round(mono_s * NS), round(wall_s * NS), trusted, boot)


@pytest.mark.parametrize(
    ("since", "now", "expected_s"),
    [
        (moment(100, 5000, "a"), moment(400, 99, "a"), 300),  # one boot: the wall clock does not matter
        (moment(100, 5000, "a"), moment(50, 9000, "b"), 4000),
        (moment(100, 5000, "a"), moment(50, 4000, "b"), 50),  # the wall clock went back
        (moment(100, 5000, "a", trusted=False), moment(50, 9000, "b"), 50),
        (moment(100, 5000, "a"), moment(50, 9000, "b", trusted=False), 50),
    ],
)
def test_time_over_a_reboot_is_never_overestimated(since: Moment, now: Moment, expected_s: float) -> None:
    assert elapsed_s(since, now) == expected_s
    assert Taken(1, since).longer_ago_than(expected_s, now)
    assert not Taken(1, since).longer_ago_than(expected_s + 1, now)
