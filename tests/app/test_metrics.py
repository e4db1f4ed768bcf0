"""A living node: figures for Prometheus at a port, and `doctor` beside it that reads what it says."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.ward import Ward
from tests.app.living import PATIENCE_S, Ear, Living, write_config
from tests.cli.saying import said

pytestmark = pytest.mark.real


def figures(text: str) -> dict[str, float]:
    """By name; of those with labels one counts."""
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def told(config: Path, verb: str) -> tuple[int, dict[str, Any]]:
    done = said(verb, "--json", "--config", str(config))
    return done.returncode, json.loads(done.stdout)


def test_a_node_gives_figures_and_doctor_reads_its_report(ward: Ward, tmp_path: Path, runtime: Path) -> None:
    plain = {"detection": {}, "metrics": {"port": 0}}
    config = write_config(tmp_path, ward, "figures-1", **plain)
    ear = Ear(ward, "figures-1")
    living = Living(config, tmp_path / "log", RUNTIME_DIRECTORY=str(runtime))
    try:
        ear.wait(lambda: any(body["cams"][0]["state"] == "ok" for body in ear.bodies("/health")))
        (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/metrics", living.words())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            shown = figures(answer.read().decode())
        assert shown["camera_agent_connected"] == shown["camera_agent_camera_ok"] == 1
        assert shown["camera_agent_camera_frames_total"] > 0 and shown["camera_agent_resident_memory_bytes"] > 10e6
        while not told(config, "status")[1]["health"]["net"].get("connected"):  # it is written every five seconds
            with pytest.raises(subprocess.TimeoutExpired):
                living.process.wait(0.1)
        code, doctor = told(config, "doctor")
        checks = {check["name"]: check for check in doctor["checks"]}
        assert doctor["running"] and code == int(not doctor["ok"])
        assert checks["camera gate"]["state"] in ("ok", "warn") and checks["camera gate"]["source"] == "node"
        assert (checks["line"]["state"], checks["line"]["source"]) == ("warn", "node"), "it is not encrypted"
    finally:
        living.stop()
        ear.close()
    assert told(config, "doctor")[1]["running"] is False
