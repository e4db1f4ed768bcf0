"""`camera-agent doctor`: with and without a running node, for people and for programs."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.cli import main
from agent.clock import Clock
from agent.contract.answers import CheckRow
from agent.contract.base import Words, utc
from agent.contract.faults import describe, fault_message
from agent.contract.health import HealthMessage
from agent.health.status import Place, StatusFile, StatusReport
from agent.tools.doctor import Diagnosis, Finding, table
from agent.tools.doctor.doctor import merged
from deploy.ward import Ward, free_port
from tests.health.test_checks import GOOD

VIDEO_MISSING = "/nowhere/street.mp4"


def write_config(folder: Path, **changes: Any) -> Path:
    port = free_port()
    tree = {
        "node": {"ward": "w", "id": f"doctor-{port}", "data_dir": str(folder / "data")},
        "mqtt": {"url": f"mqtt://127.0.0.1:{port}"},
        "insecure": True,
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": VIDEO_MISSING}],
    }
    (folder / "data").mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(tree | changes))
    return path


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, dict[str, Any]], dict[str, Any]]:
    """Exit code, the checks by name, and all of it."""
    code = main(["doctor", "--json", *options])
    told = json.loads(capsys.readouterr().out)
    return code, {check["name"]: check for check in told["checks"]}, told


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration whose node runs: its status file is fresh."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    path = write_config(tmp_path, notice={"purpose": "an ninh", "controller": "UBND phường", "contact": "028 123"})
    node = yaml.safe_load(path.read_text())["node"]["id"]
    clock = Clock()
    now = clock.now()
    recent = utc(now.shifted(-86_400).wall_ns)
    status = StatusReport(
        node=node,
        ward="w",
        version="0.1.0",
        pid=1,
        boot_id=now.boot_id,
        mono_s=now.mono_s,
        every_s=5.0,
        health=HealthMessage.model_validate(GOOD | {"cams": [GOOD["cams"][0] | {"footage_oldest_utc": recent}]}),
        faults=(fault_message(describe("too_hot"), 0),),
        watchdog_s=60.0,
    )
    StatusFile(node, (Place(tmp_path / "run" / "camera-agent", volatile=True),)).write(status)
    return path


def test_with_a_running_node_its_report_counts(running: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks, told = asked(capsys, "--config", str(running))
    assert told["schema"] == "doctor/1" and told["running"] and told["age_s"] < 30
    assert checks["camera gate"]["source"] == "node" and checks["camera gate"]["state"] == "ok"
    assert checks["line"]["source"] == "node", "the broker of the configuration is not there, the node says it is"
    assert checks["watchdog"] | {"title": 0, "text": 0} == {
        "name": "watchdog", "title": 0, "state": "ok", "text": 0, "remedy": None, "source": "node",
    }  # fmt: skip
    assert checks["packages"]["source"] == checks["secrets"]["source"] == "here"
    assert checks["fault too_hot"]["remedy"]["en"].endswith("camera-agent fault too_hot")
    assert checks["notice"]["state"] == "ok"
    assert code == 0 and told["ok"], [check for check in checks.values() if check["state"] == "error"]


def test_without_a_node_what_can_be_looked_at_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_config(tmp_path, detection={"model": str(tmp_path / "none.onnx")})
    code, checks, told = asked(capsys, "--config", str(path))
    assert code == 1 and not told["ok"] and not told["running"] and told["age_s"] is None
    assert {check["source"] for check in checks.values()} == {"here"}
    states = {name: check["state"] for name, check in checks.items()}
    assert states["camera gate"] == states["model"] == states["line"] == "error"
    assert states["disk"] in ("ok", "warn") and states["packages"] == "ok" and states["notice"] == "warn"
    assert states["tls"] == "warn" and states["upload"] == "ok" and states["server"] == "unknown"
    for check in checks.values():
        assert check["state"] != "error" or check["remedy"], check
        for part in (check["title"], check["text"], check["remedy"]):
            assert part is None or (part["vi"] and part["en"])
    assert list((tmp_path / "data").iterdir()) == [], "looking leaves nothing behind"


def test_servers_that_answer_are_well_without_a_login(
    ward: Ward, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config(tmp_path, mqtt={"url": ward.mqtt_url}, upload={"url": ward.upload_url})
    _, checks, _ = asked(capsys, "--config", str(path))
    assert (checks["line"]["state"], checks["upload"]["state"]) == ("ok", "ok")
    assert str(ward.mqtt_port) in checks["line"]["text"]["en"]


def test_a_configuration_with_mistakes_is_the_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("node: {ward: w}\n")
    code, checks, _ = asked(capsys, "--config", str(path))
    assert code == 1 and checks["config"]["remedy"]["vi"] == f"camera-agent check-config {path}"
    assert main(["doctor", "--config", str(path)]) == 1
    assert "config.yaml:1" in capsys.readouterr().out


def finding(name: str, state: Any, words: str = "x", remedy: str | None = None, source: Any = "node") -> Finding:
    text = Words(en=words, vi=words)
    row = CheckRow(name=name, state=state, text=text, remedy=Words(en=remedy, vi=remedy) if remedy else None)
    return Finding(row, source)


def test_the_table_is_aligned_and_coloured_on_a_terminal_only() -> None:
    findings = (
        finding("disk", "ok", "9 GB"),
        finding("camera cổng-chợ", "error", "no picture " * 12, "check its cable"),
        finding("packages", "unknown", "?", source="here"),
    )
    diagnosis = Diagnosis("n", "w", 3.0, findings)
    for language in ("vi", "en"):
        plain = table(diagnosis, language, 80, False)
        coloured = table(diagnosis, language, 80, True)
        assert "\x1b" not in plain and "\x1b[1;31m" in coloured
        rows = [line for line in plain.splitlines()[2:-2] if line[:1] in "✓!✗?"]
        assert len(rows) == 3
        assert rows[0].index("9 GB") == rows[1].index("no picture") == rows[2].rindex("?")
        assert max(len(line) for line in plain.splitlines()[2:]) <= 80
        assert "→ check its cable" in plain and "Python" in plain
        assert "* ?" in plain, "who looked is marked"


def test_what_the_node_cannot_tell_is_taken_from_the_look_beside_it() -> None:
    told = [finding("upload", "unknown"), finding("disk", "ok"), finding("secrets", "error"), finding("watchdog", "ok")]
    alone = [finding(name, state, source="here") for name, state in (
        ("upload", "unknown"), ("disk", "error"), ("secrets", "ok"), ("camera x", "ok"), ("service", "ok"),
    )]  # fmt: skip
    found = {each.row.name: (each.row.state, each.source) for each in merged(told, alone)}
    assert found == {
        "upload": ("unknown", "node"),
        "disk": ("ok", "node"),
        "secrets": ("ok", "here"),
        "camera x": ("ok", "here"),
        "service": ("ok", "here"),
        "watchdog": ("ok", "node"),
    }
