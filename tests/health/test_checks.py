"""The self-test: each check says ok, warn, error or unknown for a reason, in both languages."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.contract.answers import CheckRow
from agent.contract.base import Words, utc
from agent.contract.health import HealthMessage
from agent.contract.messages import FaultMessage
from agent.health.checks import CHECKS, Facts, Setup, check_all
from agent.values import Severity

NOW = 1_790_000_000 * 10**9
DAY = 86_400 * 10**9
GOOD: dict[str, Any] = {
    "at_utc": utc(NOW),
    "agent": {"uptime_s": 1, "rss_mb": 1, "cpu_pct": 1, "restarts": 0},
    "board": {"temp_c": 50.0, "undervoltage": False, "throttled": "no"},
    "disk": {"free_mb": 9000, "wear_pct": 10.0, "written_mb_day": 300},
    "net": {"connected": True, "protocol": "5", "rtt_ms": 20.0, "uplink_kbps": 900.0, "uploaded_mb": 5.0},
    "spool": {"messages": 0, "oldest_age_s": 0, "clips": 2, "bytes": 0},
    "certificate": {"expires_utc": utc(NOW + 200 * DAY), "days_left": 200, "renewal": "ok"},
    "cams": [
        {
            "id": "gate",
            "state": "ok",
            "view": "ok",
            "fps": 15,
            "analysed_fps": 5,
            "inference_ms": 40,
            "footage_oldest_utc": utc(NOW - 5 * DAY),
            "expected_s": 4000,
            "gap_s": 10,
        }
    ],
}
SETUP = Setup(model=True, upload=True, max_days=30, clear_line=False)
FACTS = Facts(SETUP, HealthMessage.model_validate(GOOD), (), True, 20, 60.0, NOW)


def changed(part: str, **fields: Any) -> Facts:
    """`part`: a section of the report, or `cam` for the only camera, or nothing for the report itself."""
    if part == "cam":
        return replace(FACTS, report=HealthMessage.model_validate(GOOD | {"cams": [GOOD["cams"][0] | fields]}))
    told = GOOD | ({part: (GOOD[part] or {}) | fields} if part else fields)
    return replace(FACTS, report=HealthMessage.model_validate(told))


def rows(facts: Facts) -> dict[str, CheckRow]:
    found = check_all(facts)
    for row in found:
        assert row.text.en and row.text.vi
        assert row.state not in ("error",) or row.remedy is not None, row
    assert len({row.name for row in found}) == len(found)
    return {row.name: row for row in found}


def test_a_node_that_is_well() -> None:
    assert {name: row.state for name, row in rows(FACTS).items() if row.state != "ok"} == {}
    assert len(rows(FACTS)) >= len(CHECKS)


@pytest.mark.parametrize(
    ("facts", "name", "state"),
    [
        (changed("cam", state="lost", cause="camera_silent"), "camera gate", "error"),
        (changed("cam", state="starting"), "camera gate", "warn"),
        (changed("cam", view="covered"), "camera gate", "warn"),
        (changed("cam", vision="motion_only"), "model", "error"),
        (changed("cam", inference_ms=None), "model", "unknown"),
        (changed("cam", footage_oldest_utc=utc(NOW - 40 * DAY)), "footage gate", "error"),
        (changed("cam", gap_s=400), "footage gate", "warn"),
        (changed("cam", footage_oldest_utc=None), "footage gate", "unknown"),
        (changed("disk", free_mb=50), "disk", "error"),
        (changed("disk", free_mb=300), "disk", "warn"),
        (changed("disk", readonly=True), "disk", "error"),
        (changed("", disk=None), "disk", "unknown"),
        (changed("disk", wear_pct=95), "card", "error"),
        (changed("disk", wear_pct=75), "card", "warn"),
        (changed("disk", wear_pct=None), "card", "unknown"),
        (replace(FACTS, clock_trusted=False), "clock", "error"),
        (replace(FACTS, clock_error_ms=9000), "clock", "warn"),
        (changed("board", undervoltage=True), "power", "error"),
        (changed("board", undervoltage=None, throttled=None), "power", "unknown"),
        (changed("board", temp_c=85.0), "heat", "warn"),
        (changed("board", temp_c=None), "heat", "unknown"),
        (changed("net", connected=False), "line", "error"),
        (replace(FACTS, setup=replace(SETUP, clear_line=True)), "line", "warn"),
        (changed("certificate", days_left=20, renewal="ok"), "certificate", "warn"),
        (changed("certificate", days_left=3, renewal="failed"), "certificate", "error"),
        (changed("certificate", days_left=-1), "certificate", "error"),
        (changed("certificate", days_left=None), "certificate", "unknown"),
        (changed("", certificate=None), "certificate", "unknown"),
        (changed("", faults=("upload_refused",)), "upload", "error"),
        (changed("net", uplink_kbps=None, uploaded_mb=None), "upload", "unknown"),
        (replace(FACTS, watchdog_s=None), "watchdog", "warn"),
    ],
)
def test_each_check_for_its_reason(facts: Facts, name: str, state: str) -> None:
    assert rows(facts)[name].state == state


def test_what_is_not_configured_is_no_error() -> None:
    facts = replace(FACTS, setup=Setup(model=False, upload=False, max_days=30, clear_line=False))
    assert (rows(facts)["model"].state, rows(facts)["upload"].state) == ("ok", "ok")


def test_open_faults_are_rows_with_what_to_do() -> None:
    fault = FaultMessage(
        code="too_hot",
        severity=Severity.WARNING,
        since_utc=utc(NOW),
        text=Words(en="hot", vi="nóng"),
        remedy=Words(en="shade", vi="che nắng"),
    )
    row = rows(replace(FACTS, faults=(fault,)))["fault too_hot"]
    assert (row.state, row.text.vi) == ("warn", "nóng") and row.remedy == fault.remedy
    assert rows(FACTS)["faults"].state == "ok"


def test_files_of_secrets(tmp_path: Path) -> None:
    secret = tmp_path / "mqtt.password"
    secret.write_text("canary-word")
    secret.chmod(0o640)
    facts = replace(FACTS, setup=replace(SETUP, secrets=(secret,)))
    assert rows(facts)["secrets"].state == "error" and "mqtt.password" in rows(facts)["secrets"].text.en
    secret.chmod(0o600)
    assert rows(facts)["secrets"].state == "ok"
    secret.unlink()
    assert rows(facts)["secrets"].state == "error"
    assert all("canary-word" not in row.model_dump_json() for row in check_all(facts))
