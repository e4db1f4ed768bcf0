import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.health.report import SLOW_EVERY_S, camera_health
from agent.values import CameraState, FootageState, Gap, LineBudget, LinkState, SpoolState, ViewState
from agent.values.state import WaitingMessages
from tests.health.hands import HandClock, report_of, sources, write


def test_a_whole_report(tmp_path: Path) -> None:
    clock = HandClock()
    given = sources(
        cameras=(CameraState("gate", state="ok", codec="h264", width=640, height=480, fps=15, frame_age_s=0.1),),
        footage=(FootageState("gate", recorded_s=90.0, expected_s=91.0, oldest_ns=1_800_000_000 * 10**9, bytes=7),),
        spool=SpoolState(
            messages=4,
            clips=2,
            bytes=100,
            dropped_messages=1,
            dropped_clips=2,
            set_aside=1,
            waiting=(WaitingMessages(10, 4),),
        ),
        link=LinkState(
            connected=True,
            protocol="5",
            reconnects=3,
            rtt_ms=11.0,
            uploaded_bytes=2_500_000,
            budget=LineBudget(300, 12.5, quiet=True, waiting="quiet_hours"),
        ),
        faults=("disk_full",),
    )
    write(tmp_path, "root/proc/device-tree/model", "Raspberry Pi 5\0")
    report = report_of(tmp_path, clock, given)
    clock.go(5)
    body = json.loads(report.take().body())
    assert body["schema"] == "health/1"
    assert body["agent"]["uptime_s"] == 5.0
    assert body["agent"]["restarts"] == 2
    assert body["board"]["model"] == "Raspberry Pi 5"
    assert body["disk"]["free_mb"] > 0
    assert body["net"] | {"rtt_ms": 11.0, "uploaded_mb": 2.5, "reconnects": 3, "protocol": "5"} == body["net"]
    assert body["budget"] == {"kbps": 300, "mb_today": 12.5, "quiet": True, "waiting": "quiet_hours"}
    assert body["spool"]["dropped_total"] == 3
    assert body["spool"]["set_aside"] == 1
    assert body["spool"]["by_priority"] == {"10": 4}
    assert body["cams"][0]["recorded_s"] == 90.0
    assert body["cams"][0]["footage_oldest_utc"] == "2027-01-15T08:00:00.000Z"
    assert body["faults"] == ["disk_full"]


def test_what_the_machine_cannot_tell_is_left_out(tmp_path: Path) -> None:
    body = json.loads(report_of(tmp_path, HandClock()).take().body())
    for field in ("model", "temp_c", "throttled", "undervoltage"):
        assert field not in body["board"]
    assert "rssi_dbm" not in body["net"]
    assert "footage_oldest_utc" not in body["cams"][0]


def test_slow_looks_are_kept_for_half_a_minute_and_fast_ones_are_not(tmp_path: Path) -> None:
    clock = HandClock()
    report = report_of(tmp_path, clock)
    assert report.take().board.model is None
    write(tmp_path, "root/proc/device-tree/model", "Jetson\0")
    clock.go(2)
    again = report.take()
    assert again.board.model is None
    assert again.agent.uptime_s == 2.0
    clock.go(SLOW_EVERY_S)
    assert report.take().board.model == "Jetson"


def test_a_camera_without_footage_yet() -> None:
    camera = camera_health(CameraState("gate"), None)
    assert camera.state == "starting"
    assert camera.recorded_s is None
    assert camera.codec is None


def test_a_state_that_the_contract_does_not_know_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValidationError):
        camera_health(CameraState("gate", state="asleep"), None)


def test_lost_packets_of_all_cameras_are_added_up(tmp_path: Path) -> None:
    given = sources(footage=(FootageState("a", dropped_packets=2), FootageState("b", dropped_packets=3)))
    assert report_of(tmp_path, HandClock(), given).footage_dropped() == 5


def test_gaps_and_why_a_camera_is_not_well() -> None:
    gap = Gap(1_800_000_000 * 10**9, 1_800_000_060 * 10**9, "camera_auth")
    footage = FootageState("gate", recorded_s=30.0, expected_s=90.0, gap_s=60.0, gaps=(gap,))
    camera = camera_health(CameraState("gate", state="lost", cause="camera_auth"), footage, checked=False)
    told = json.loads(camera.model_dump_json())
    assert (told["cause"], told["gap_s"], told["certificate_checked"]) == ("camera_auth", 60.0, False)
    assert told["gaps"] == [
        {"from_utc": "2027-01-15T08:00:00.000Z", "to_utc": "2027-01-15T08:01:00.000Z", "cause": "camera_auth"}
    ]


def test_the_view_of_a_camera_is_told_once_it_is_known() -> None:
    assert camera_health(CameraState("gate"), None).view is None
    for state in ViewState:
        assert camera_health(CameraState("gate", view=state.value), None).view == state.value
