"""What a Jetson's service needs more than others, is understood by systemd."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_what_a_jetson_adds(tmp_path: Path) -> None:
    unit = (ROOT / "systemd" / "camera-agent.service").read_text(encoding="utf-8")
    copy = tmp_path / "camera-agent.service"
    copy.write_text(unit.replace("/opt/camera-agent/current/bin/camera-agent", sys.executable), encoding="utf-8")
    folder = tmp_path / "camera-agent.service.d"
    folder.mkdir()
    added = (ROOT / "systemd" / "jetson.conf").read_text(encoding="utf-8").splitlines()
    # A unit of the Jetson's own, which is not on this machine.
    kept = [line for line in added if not line.startswith("Wants=")]
    assert len(kept) == len(added) - 1
    (folder / "jetson.conf").write_text("\n".join(kept), encoding="utf-8")
    answer = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")
