"""The self-test: each check says ok, warn, error or unknown for a reason, in both languages."""

import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from agent.contract.answers import CheckRow
from agent.contract.base import Words, utc
from agent.contract.health import HealthMessage
from agent.contract.messages import FaultMessage
from agent.errors import AgentError
from agent.health.checks import CHECKS, Facts, Looked, Setup, Tried, check_all, title_of
from agent.health.packages import Packages, read_packages
from agent.health.service import Service, read_service
from agent.i18n import Text
from agent.values import Severity

NOW = 1_790_000_000 * 10**9
DAY = 86_400 * 10**9
GOOD: dict[str, Any] = {
    "at_utc": utc(NOW),
    "agent": {"uptime_s": 1, "rss_mb": 1, "cpu_pct": 1, "restarts": 0},
    "board": {"temp_c": 50.0, "undervoltage": False, "throttled": "no"},
    "disk": {"free_mb": 9000, "wear_pct": 10.0, "written_mb_day": 300},
    "net": {
        "connected": True,
        "protocol": "5",
        "rtt_ms": 20.0,
        "uplink_kbps": 900.0,
        "uploaded_mb": 5.0,
        "iface": "wlan0",
        "rssi_dbm": -60,
        "server": {"state": "online", "heard_s": 4.0, "differs_s": 0.5},
    },
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
WELL = Text(en="well", vi="tốt")
FAILURE = AgentError(Text(en="it fails", vi="bị lỗi"))
SETUP = Setup(model=True, upload=True, max_days=30, clear_line=False)
FACTS = Facts(SETUP, HealthMessage.model_validate(GOOD), (), True, 20, 60.0, NOW)


def changed(part: str, **fields: Any) -> Facts:
    """`part`: a section of the report, or `cam` for the only camera, or nothing for the report itself."""
    if part == "cam":
        return replace(FACTS, report=HealthMessage.model_validate(GOOD | {"cams": [GOOD["cams"][0] | fields]}))
    told = GOOD | ({part: (GOOD[part] or {}) | fields} if part else fields)
    return replace(FACTS, report=HealthMessage.model_validate(told))


def looked(**fields: Any) -> Facts:
    """Beside a node that runs."""
    return replace(FACTS, looked=Looked(**fields))


def alone(**fields: Any) -> Facts:
    """Without a node."""
    return replace(FACTS, live=False, looked=Looked(**fields))


def rows(facts: Facts) -> dict[str, CheckRow]:
    found = check_all(facts)
    for row in found:
        assert row.text.en and row.text.vi
        assert row.state not in ("error",) or row.remedy is not None, row
        title = title_of(row.name)
        assert title.en.split()[0] != row.name.split()[0] and title.vi, f"{row.name} has no title"
    assert len({row.name for row in found}) == len(found)
    return {row.name: row for row in found}


def test_a_node_that_is_well() -> None:
    assert {name: row.state for name, row in rows(FACTS).items() if row.state != "ok"} == {}
    told = rows(replace(FACTS, looked=Looked(service=Service("loaded", "active"), packages=Packages((3, 13), True))))
    assert len(told) >= len(CHECKS)


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
        (changed("net", rssi_dbm=-75), "wifi", "warn"),
        (changed("net", rssi_dbm=-85), "wifi", "error"),
        (changed("net", rssi_dbm=None), "wifi", "ok"),
        (changed("net", iface=None), "wifi", "unknown"),
        (changed("net", iface=None, connected=False), "wifi", "error"),
        (replace(FACTS, setup=replace(SETUP, clear_line=True)), "tls", "warn"),
        (changed("net", connected=False), "tls", "unknown"),
        (changed("net", server=None), "server", "unknown"),
        (changed("net", server={"state": "stopped", "heard_s": 60}), "server", "error"),
        (changed("net", server={"state": "online", "heard_s": 1, "differs_s": -500.0}), "server", "warn"),
        (replace(FACTS, setup=replace(SETUP, unsaid=("purpose", "contact"))), "notice", "warn"),
        (looked(service=Service("loaded", "active", "running", "enabled", 1)), "service", "ok"),
        (looked(service=Service("loaded", "active", "running", "disabled")), "service", "warn"),
        (looked(service=Service("loaded", "active", "running", "enabled", 9)), "service", "warn"),
        (looked(service=Service("loaded", "failed", "failed", "enabled")), "service", "error"),
        (looked(service=Service("loaded", "inactive", "dead", "enabled")), "service", "error"),
        (looked(service=Service("not-found", "inactive")), "service", "warn"),
        (looked(packages=Packages((3, 13), True, 15)), "packages", "ok"),
        (looked(packages=Packages((3, 9), True)), "packages", "error"),
        (looked(packages=Packages((3, 13), True, 15, ("av",))), "packages", "error"),
        (looked(packages=Packages((3, 13), True, 15, (), ("av 1.0",))), "packages", "warn"),
        (alone(disk=Tried("disk", error=FAILURE)), "disk", "error"),
        (alone(cameras=(Tried("gate", error=FAILURE),)), "camera gate", "error"),
        (alone(cameras=(Tried("gate", WELL),)), "camera gate", "ok"),
        (alone(model=Tried("model", WELL)), "model", "ok"),
        (alone(model=Tried("model", error=FAILURE)), "model", "error"),
        (alone(), "model", "unknown"),
        (alone(brokers=(Tried("b:1", error=FAILURE), Tried("b:2", WELL))), "line", "ok"),
        (alone(brokers=(Tried("b:1", error=FAILURE),)), "line", "error"),
        (alone(brokers=(Tried("b:1", error=AgentError(WELL, code="broker_tls")),)), "tls", "error"),
        (alone(brokers=(Tried("b:1", WELL),)), "tls", "ok"),
        (alone(), "line", "unknown"),
        (alone(upload=Tried("u:1", WELL)), "upload", "ok"),
        (alone(upload=Tried("u:1", error=FAILURE)), "upload", "error"),
        (alone(), "upload", "unknown"),
        (alone(), "server", "unknown"),
        (alone(), "footage", "unknown"),
        (replace(alone(service=Service("loaded", "active", watchdog_s=60.0)), watchdog_s=None), "watchdog", "ok"),
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
    assert (row.state, row.text.vi) == ("warn", "nóng") and row.remedy is not None
    assert (row.remedy.en, row.remedy.vi) == (
        "shade; step by step: camera-agent fault too_hot",
        "che nắng; từng bước: camera-agent fault too_hot",
    )
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


def test_what_systemd_says_of_the_unit(tmp_path: Path) -> None:
    answer = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nNRestarts=3\n"
    command = tmp_path / "systemctl"
    command.write_text(f"#!/bin/sh\nprintf '{answer}WatchdogUSec=1min 30s\\n'\n")
    command.chmod(0o755)
    told = read_service(command=str(command))
    assert told == Service("loaded", "active", "running", "enabled", 3, 90.0) and told.installed
    command.write_text("#!/bin/sh\nexit 1\n")
    assert read_service(command=str(command)) is None
    assert read_service(command=str(tmp_path / "none")) is None


def test_packages_are_compared_with_what_is_asked_for() -> None:
    there = {"av": "18.2.1", "numpy": "1.26.0", "old": "1"}
    wanted = [
        "av<19,>=18.1; python_version == '3.11'",
        'av>=19; python_version >= "3.12"',
        "numpy<3,>=2.2",
        "paho-mqtt>=2.1",
        "fpdf2; extra == 'cards'",
    ]

    def found(name: str) -> str:
        if name not in there:
            raise PackageNotFoundError(name)
        return there[name]

    assert read_packages(wanted, found, (3, 11)) == Packages(
        (3, 11), sys.prefix != sys.base_prefix, 3, ("paho-mqtt",), ("numpy 1.26.0",)
    )
    own = read_packages()
    assert own.count > 10 and (own.missing, own.unfit) == ((), ())
