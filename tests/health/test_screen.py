from pathlib import Path

import pytest

from agent.contract.base import GapSpan
from agent.contract.birth import ConfigFacts
from agent.contract.faults import describe, fault_message
from agent.contract.health import (
    BoardHealth,
    BudgetHealth,
    CertificateHealth,
    CommandsHealth,
    DiskHealth,
    EvictedHealth,
    HealthMessage,
    NetHealth,
    PauseHealth,
    UpdateHealth,
)
from agent.health.screen import render_status
from agent.health.status import StatusReport
from agent.i18n import Language
from agent.values import CameraState, SpoolState
from tests.health.hands import HandClock, report_of, sources


def report(tmp_path: Path, *codes: str, **health: object) -> StatusReport:
    clock = HandClock()
    cameras = (
        CameraState("gate", state="ok", codec="h264", width=1920, height=1080, fps=15, analysed_fps=5, inference_ms=21),
        CameraState("yard", state="lost", vision="motion_only"),
    )
    spool = SpoolState(messages=3, clips=1, bytes=2_000_000, oldest_age_s=95, dropped_messages=4)
    taken: HealthMessage = report_of(tmp_path, clock, sources(cameras=cameras, spool=spool)).take()
    return StatusReport(
        node="gate-12",
        ward="ward-1",
        version="0.1.0",
        pid=1,
        boot_id="boot-1",
        mono_s=clock.mono_s(),
        every_s=2.0,
        health=taken.model_copy(update=health),
        faults=tuple(fault_message(describe(code), 0, ("capture-yard",)) for code in codes),
    )


def test_a_well_node_says_so_first(tmp_path: Path) -> None:
    lines = render_status(report(tmp_path), "en", 1.0, True).splitlines()
    assert lines[0] == "gate-12 · ward-1 · all well, running for 0 s"
    assert not any(line.startswith("Do first") for line in lines)


@pytest.mark.parametrize(
    ("language", "head", "line"),
    [
        (
            "en",
            "running for 0 s, the clock is not set yet",
            "! Clock: NOT SET; let the device reach a time server (NTP)",
        ),
        ("vi", "đồng hồ chưa được chỉnh", "! Đồng hồ: CHƯA ĐƯỢC CHỈNH; hãy cho thiết bị truy cập máy chủ giờ (NTP)"),
    ],
)
def test_all_is_not_well_while_the_clock_is_not_set(tmp_path: Path, language: Language, head: str, line: str) -> None:
    told = report(tmp_path).model_copy(update={"clock_set": False})
    lines = render_status(told, language, 1.0, True).splitlines()
    assert lines[0].endswith(head) and line in lines


def test_the_first_thing_to_do_is_the_remedy_of_the_worst(tmp_path: Path) -> None:
    lines = render_status(report(tmp_path, "camera_silent", "insecure_link"), "en", 1.0, True).splitlines()
    assert lines[0].endswith("2 faults")
    assert lines[1] == "Do first: Switch the camera off and on again"
    assert "! serious: The camera is connected but sends no picture (camera yard)" in lines
    assert "  → Use mqtts:// and https:// and remove `insecure: true` (camera-agent fault insecure_link)" in lines


def test_vietnamese(tmp_path: Path) -> None:
    text = render_status(report(tmp_path, "camera_silent"), "vi", 1.0, True)
    lines = text.splitlines()
    assert lines[0].endswith("1 lỗi")
    assert lines[1] == "Việc cần làm trước: Tắt camera rồi bật lại"
    assert "! Camera yard: MẤT HÌNH" in text
    assert "đã bỏ 4" in text


def test_each_part_has_its_line(tmp_path: Path) -> None:
    disk = DiskHealth(free_mb=12_500, written_mb_day=950, readonly=True)
    net = NetHealth(connected=False, iface="wlan0", rssi_dbm=-71)
    board = BoardHealth(
        model="Raspberry Pi 5", temp_c=61.2, throttled="power was too weak since boot", undervoltage=True
    )
    text = render_status(report(tmp_path, disk=disk, net=net, board=board), "en", 1.0, True)
    assert "✓ Camera gate: ok, 1920×1080 h264, 15.0 pictures/s, 5.0 analysed/s (21 ms), 1 min recorded" in text
    assert "! Camera yard: NO PICTURE" in text
    assert "motion only" in text
    assert "! Ward: NOT CONNECTED (wlan0, -71 dBm)" in text
    assert "! Waiting: 3 messages (oldest 1 min 35 s), 1 clip, 2.0 MB, lost 4" in text
    assert "! Disk: 12.5 GB free, 950.0 MB written in 24 h, READ-ONLY" in text
    assert "! Board: Raspberry Pi 5, CPU" in text
    assert "61 °C, power was too weak since boot" in text
    assert "Do first: the power is or was too weak" in text


@pytest.mark.parametrize(
    ("language", "waiting", "words"),
    [
        ("en", "quiet_hours", "! Home internet: 12 MB sent today, CLIPS WAIT for the end of the quiet hours"),
        ("vi", "day_spent", "! Mạng gia đình: hôm nay đã gửi 12 MB, CLIP ĐANG CHỜ đến nửa đêm"),
        ("vi", None, "✓ Mạng gia đình: hôm nay đã gửi 12 MB, clip đang được gửi nhiều nhất 800 kbit/s"),
    ],
)
def test_why_clips_wait_is_told(tmp_path: Path, language: Language, waiting: str | None, words: str) -> None:
    budget = BudgetHealth.model_validate({"mb_today": 12.3, "kbps": None if waiting else 800, "waiting": waiting})
    assert words in render_status(report(tmp_path, budget=budget), language, 1.0, True)


def test_a_stuck_or_stopped_agent_is_the_first_line(tmp_path: Path) -> None:
    stuck = render_status(report(tmp_path), "en", 95.0, False)
    assert stuck.startswith(
        "gate-12 · ward-1 · NOT RUNNING OR STUCK, last heard of 1 min 35 s ago\nDo first: see `journalctl"
    )
    assert "\n\nWhat it said last:\n" in stuck
    assert "KHÔNG CHẠY từ khi bật máy" in render_status(report(tmp_path), "vi", None, False)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, None),
        ({"source": "ward"}, "✓ Configuration: applied by the ward over the file"),
        ({"source": "ward", "trial": True}, "! Configuration: applied by the ward over the file, on trial"),
        ({"last_known_good": True}, "! Configuration: THE LAST GOOD ONE, because the file cannot be used"),
    ],
)
def test_a_configuration_that_is_not_simply_the_file_is_told(
    tmp_path: Path, facts: dict[str, object], words: str | None
) -> None:
    told = report(tmp_path).model_copy(update={"config": ConfigFacts.model_validate({"hash": "0" * 64} | facts)})
    lines = [line for line in render_status(told, "en", 1.0, True).splitlines() if "Configuration" in line]
    assert lines == ([words] if words else [])


def test_it_fits_one_screen(tmp_path: Path) -> None:
    codes = ("camera_silent", "disk_full", "broker_unreachable", "clock_untrusted")
    lines = render_status(report(tmp_path, *codes), "vi", 1.0, True).splitlines()
    assert len(lines) <= 24


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1 min 10 s missing (last: The camera refuses the user name or password)"),
        ("vi", "thiếu 1 phút 10 giây (gần nhất: Camera từ chối tên đăng nhập hoặc mật khẩu)"),
    ],
)
def test_what_is_missing_and_why(language: Language, words: str, tmp_path: Path) -> None:
    shown = report(tmp_path)
    gap = GapSpan(from_utc="2027-01-15T08:00:00.000Z", to_utc="2027-01-15T08:01:10.000Z", cause="camera_auth")
    camera = shown.health.cams[0].model_copy(update={"gap_s": 70.0, "gaps": (gap,)})
    health = shown.health.model_copy(update={"cams": (camera,)})
    assert words in render_status(shown.model_copy(update={"health": health}), language, 1.0, True)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "7 pieces removed so far"), ("vi", "đến nay đã xoá 7 đoạn mà clip còn chờ")]
)
def test_footage_that_a_clip_waited_for_and_that_is_gone_is_told(
    language: Language, words: str, tmp_path: Path
) -> None:
    shown = report(tmp_path)
    assert words not in render_status(shown, language, 1.0, True)
    camera = shown.health.cams[0].model_copy(update={"evicted": EvictedHealth(pending=7)})
    health = shown.health.model_copy(update={"cams": (camera,)})
    assert words in render_status(shown.model_copy(update={"health": health}), language, 1.0, True)


@pytest.mark.parametrize(("language", "words"), [("en", "LENS COVERED"), ("vi", "ỐNG KÍNH BỊ CHE")])
def test_a_camera_that_sees_nothing_is_marked(language: Language, words: str, tmp_path: Path) -> None:
    shown = report(tmp_path)
    camera = shown.health.cams[0].model_copy(update={"view": "covered"})
    health = shown.health.model_copy(update={"cams": (camera,)})
    lines = render_status(shown.model_copy(update={"health": health}), language, 1.0, True).splitlines()
    (line,) = (line for line in lines if "Camera gate" in line)
    assert line.startswith("!")
    assert words in line


@pytest.mark.parametrize(("language", "words"), [("en", "THE WARD IS LOOKING NOW"), ("vi", "PHƯỜNG ĐANG XEM")])
def test_the_household_sees_that_the_ward_looks(language: Language, words: str, tmp_path: Path) -> None:
    shown = report(tmp_path)
    assert words not in render_status(shown, language, 1.0, True)
    camera = shown.health.cams[0].model_copy(update={"watched": True})
    health = shown.health.model_copy(update={"cams": (camera,)})
    assert words in render_status(shown.model_copy(update={"health": health}), language, 1.0, True)


def test_refused_commands_are_told_where_people_look(tmp_path: Path) -> None:
    few = report(tmp_path, commands=CommandsHealth(accepted=3, refused=1))
    flood = report(tmp_path, commands=CommandsHealth(accepted=3, refused=5000, unanswered=4900))
    assert "✓ Commands: 3 taken, 1 refused" in render_status(few, "en", 1.0, True).splitlines()
    assert "! Lệnh: đã nhận 3, từ chối 5000 (4900 không trả lời vì quá nhiều)" in render_status(flood, "vi", 1.0, True)
    assert "Commands" not in render_status(report(tmp_path, commands=CommandsHealth()), "en", 1.0, True)


def test_a_line_in_plain_text_and_the_certificate_stand_there(tmp_path: Path) -> None:
    open_line = report(tmp_path, "insecure_link", insecure=True)
    assert "! Ward: connected, NOT ENCRYPTED (insecure: true)" in render_status(open_line, "en", 1.0, True)
    assert "KHÔNG MÃ HOÁ (insecure: true)" in render_status(open_line, "vi", 1.0, True)
    good = CertificateHealth(expires_utc="2027-02-20T15:35:39.000Z", days_left=89, renewal="ok")
    text = render_status(report(tmp_path, certificate=good), "en", 1.0, True)
    assert "✓ Certificate: until 2027-02-20 (89 days), renewed by itself" in text
    assert "NOT ENCRYPTED" not in text
    over = CertificateHealth(expires_utc="2026-02-20T15:35:39.000Z", days_left=-3, renewal="failed")
    text = render_status(report(tmp_path, certificate=over), "vi", 1.0, True)
    assert "! Chứng chỉ: ĐÃ HẾT HẠN ngày 2026-02-20, LẦN GIA HẠN GẦN NHẤT BỊ LỖI" in text


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"state": None}, None),
        ({"state": "updated", "wanted": "0.3.0"}, "✓ Program: 0.2.0, updated to 0.3.0"),
        (
            {"state": "returned", "wanted": "0.3.0", "why": {"en": "no picture", "vi": "không có hình"}},
            "! Program: 0.2.0, BACK FROM 0.3.0, which did not work: no picture",
        ),
        ({"state": "refused"}, "! Program: 0.2.0, ? WAS REFUSED"),
    ],
)
def test_the_newest_update_is_told(tmp_path: Path, fields: dict[str, object], line: str | None) -> None:
    update = UpdateHealth.model_validate({"version": "0.2.0"} | fields)
    told = [
        each for each in render_status(report(tmp_path, update=update), "en", 1.0, True).splitlines() if "Prog" in each
    ]
    assert told == ([line] if line else [])


@pytest.mark.parametrize(("language", "words"), [("vi", "GIA ĐÌNH TẠM DỪNG"), ("en", "PAUSED BY THE HOUSEHOLD")])
def test_a_pause_stands_before_the_cameras(tmp_path: Path, language: Language, words: str) -> None:
    paused = PauseHealth(until_utc="2026-11-22T12:00:00.000Z", left_s=90)
    lines = render_status(report(tmp_path, paused=paused), language, 1.0, True).splitlines()
    found = next(number for number, line in enumerate(lines) if words in line)
    assert lines[found + 1].startswith("✓ Camera gate")
    assert ("1 phút 30 giây" if language == "vi" else "1 min 30 s") in lines[found]
