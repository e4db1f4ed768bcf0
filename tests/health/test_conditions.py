from pathlib import Path

import pytest

from agent.contract.health import (
    BoardHealth,
    CameraHealth,
    DiskHealth,
    EvictedHealth,
    HealthMessage,
    ServerHealth,
    SpoolHealth,
)
from agent.contract.words import fault_words
from agent.health.conditions import CLOCK_GRACE_S, LOSS_SHOWN_S, SLOW_SHOWN_S, SLOWED_S, Conditions, disk_fault
from agent.health.faults import FaultBoard
from agent.values import Severity, SpoolState
from tests.health.hands import HandClock, report_of, sources


def conditions(clock: HandClock) -> tuple[Conditions, FaultBoard]:
    faults = FaultBoard(clock, lambda notice: None)
    return Conditions(faults, clock), faults


def healthy(tmp_path: Path, clock: HandClock, insecure: bool = False, dropped: int = 0) -> HealthMessage:
    given = sources(spool=SpoolState(dropped_messages=dropped))
    report = report_of(tmp_path, clock, given, insecure).take()
    return report.model_copy(update={"disk": DiskHealth(free_mb=5000, inodes_free_pct=80)})


def test_a_healthy_node_has_no_faults(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    judge.check(healthy(tmp_path, clock), 0)
    assert faults.codes() == ()


@pytest.mark.fault("D33", "a clock that is never set is a fault")
def test_a_clock_never_set_is_a_fault_after_a_grace(tmp_path: Path) -> None:
    clock = HandClock(trusted=False)
    judge, faults = conditions(clock)
    report = healthy(tmp_path, clock)
    judge.check(report, 0)
    assert faults.codes() == ()
    clock.go(CLOCK_GRACE_S)
    judge.check(report, 0)
    assert faults.codes() == ("clock_untrusted",)
    clock.is_trusted = True
    judge.check(report, 0)
    assert faults.codes() == ()


@pytest.mark.parametrize(("differs_s", "codes"), [(None, ()), (-119.0, ()), (121.0, ("clock_differs",))])
def test_a_ward_whose_clock_differs_is_told(tmp_path: Path, differs_s: float | None, codes: tuple[str, ...]) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    report = healthy(tmp_path, clock)
    server = ServerHealth(state="online", heard_s=1.0, differs_s=differs_s)
    judge.check(report.model_copy(update={"net": report.net.model_copy(update={"server": server})}), 0)
    assert faults.codes() == codes


def test_plain_text_to_the_ward_is_shouted(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    judge.check(healthy(tmp_path, clock, insecure=True), 0)
    assert faults.codes() == ("insecure_link",)


def test_a_loss_is_shown_for_a_while_after_the_last(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    judge.check(healthy(tmp_path, clock, dropped=2), 7)
    assert set(faults.codes()) == {"footage_dropped", "spool_full"}
    clock.go(LOSS_SHOWN_S / 2)
    judge.check(healthy(tmp_path, clock, dropped=2), 9)
    clock.go(LOSS_SHOWN_S / 2)
    judge.check(healthy(tmp_path, clock, dropped=2), 9)
    assert faults.codes() == ("footage_dropped",)
    clock.go(LOSS_SHOWN_S / 2)
    judge.check(healthy(tmp_path, clock, dropped=2), 9)
    assert faults.codes() == ()


@pytest.mark.parametrize(
    ("disk", "code"),
    [
        (DiskHealth(free_mb=5000, inodes_free_pct=50), None),
        (DiskHealth(free_mb=5000, readonly=True), "storage_error"),
        (DiskHealth(free_mb=10), "disk_full"),
        (DiskHealth(free_mb=5000, inodes_free_pct=0.2), "disk_full"),
    ],
)
def test_what_is_wrong_with_the_disk(disk: DiskHealth, code: str | None) -> None:
    assert disk_fault(disk)[0] == code


def test_a_full_disk_of_the_report_becomes_a_fault(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    report = SpoolHealth(messages=0, oldest_age_s=0, clips=0, bytes=0)
    full = healthy(tmp_path, clock).model_copy(update={"disk": DiskHealth(free_mb=1), "spool": report})
    judge.check(full, 0)
    assert faults.codes() == ("disk_full",)


def test_weak_power_and_heat_are_faults_until_they_are_over(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    report = healthy(tmp_path, clock)
    for temp_c, weak, codes in [
        (79.0, False, set()),
        (80.0, True, {"too_hot", "power_weak"}),
        (76.0, True, {"too_hot", "power_weak"}),
        (74.0, False, set()),
        (None, False, set()),
    ]:
        board = BoardHealth(temp_c=temp_c, undervoltage=weak)
        judge.check(report.model_copy(update={"board": board}), 0)
        assert set(faults.codes()) == codes, temp_c


def test_an_encoder_over_its_budget_is_told_while_it_lasts(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    report = healthy(tmp_path, clock)

    def skipped(pictures: int) -> HealthMessage:
        cam = CameraHealth(id="gate", state="ok", encode_skipped=pictures)
        return report.model_copy(update={"cams": (cam,)})

    judge.check(skipped(9), 0)
    assert faults.codes() == ()
    for pictures in (19, 29, 39):
        clock.go(20)
        judge.check(skipped(pictures), 0)
        (fault,) = faults.open()
        assert fault.code == "encoder_slow" and fault.sources == ("capture-gate-encoder",)
    clock.go(SLOW_SHOWN_S)
    judge.check(skipped(39), 0)
    assert faults.codes() == ()


def test_a_changed_camera_is_a_warning_for_ten_minutes(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    calm = healthy(tmp_path, clock)
    (camera, *_) = calm.cams

    def check(**changes: object) -> tuple[str, ...]:
        judge.check(calm.model_copy(update={"cams": (camera.model_copy(update=changes),)}), 0)
        return faults.codes()

    assert check() == ()
    assert check(format_changes=1) == ("camera_changed",)
    assert check(format_changes=1, time_jumps=3) == ("camera_changed", "camera_time_jumped")
    (changed, jumped) = faults.open()
    assert (changed.severity, jumped.severity) == (Severity.WARNING, Severity.WARNING)
    assert f"camera {camera.id}" in fault_words(changed.message(clock.now())).vi
    clock.go(LOSS_SHOWN_S)
    assert check(format_changes=1, time_jumps=3) == ()


@pytest.mark.parametrize(("checked", "codes"), [(None, ()), (True, ()), (False, ("camera_unproven",))])
def test_a_certificate_that_nobody_checks_is_told(checked: bool | None, codes: tuple[str, ...], tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)
    calm = healthy(tmp_path, clock)
    camera = calm.cams[0].model_copy(update={"certificate_checked": checked})
    judge.check(calm.model_copy(update={"cams": (camera,)}), 0)
    assert faults.codes() == codes


def test_detection_held_back_for_long_is_a_fault_until_it_is_not(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)

    def look(factor: float) -> tuple[str, ...]:
        report = healthy(tmp_path, clock)
        judge.check(report.model_copy(update={"agent": report.agent.model_copy(update={"budget_factor": factor})}), 0)
        return faults.codes()

    assert look(0.25) == ()
    clock.go(SLOWED_S - 1.0)
    assert look(0.5) == ()
    clock.go(1.0)
    assert look(0.5) == ("detection_slowed",)
    assert look(0.7) == ()


def test_pending_footage_that_had_to_go_is_a_loss_and_old_losses_are_not_told_again(tmp_path: Path) -> None:
    clock = HandClock()
    judge, faults = conditions(clock)

    def lost(segments: int) -> HealthMessage:
        cam = CameraHealth(id="gate", state="ok", evicted=EvictedHealth(unwanted=900, pending=segments))
        return healthy(tmp_path, clock).model_copy(update={"cams": (cam,)})

    judge.check(lost(3), 0)  # counted before this start
    assert faults.codes() == ()
    judge.check(lost(5), 0)
    assert faults.codes() == ("footage_pending_lost",)
    clock.go(LOSS_SHOWN_S)
    judge.check(lost(5), 0)
    assert faults.codes() == ()
