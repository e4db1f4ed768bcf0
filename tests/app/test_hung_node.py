"""A whole node whose only camera hangs: it ends for systemd to start it anew, and its next life knows of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agent.app.escalate import RESTART_CODE
from agent.app.rungs import FILE

ROOT = Path(__file__).parents[2]


@pytest.mark.real
@pytest.mark.long("two lives of a whole node")
def test_a_node_whose_camera_hangs_ends_to_be_started_anew_and_only_once(tmp_path: Path) -> None:
    tree = {
        "node": {"ward": "test", "id": "hung", "data_dir": str(tmp_path / "data")},
        "mqtt": {"url": "mqtt://127.0.0.1:9"},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [{"id": "gate", "source": "/dev/video0", "timeout": "1s"}],
    }
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(tree), encoding="utf-8")
    command = [sys.executable, "-m", "tests.app.hung_node", str(config)]
    life = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert life.returncode == RESTART_CODE, life.stderr
    row = json.loads((tmp_path / "data" / FILE).read_text(encoding="utf-8"))
    assert (row["process"]["count"], row["camera"]) == (1, "gate")

    again = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert again.stderr is not None
    silences = 0
    for line in again.stderr:
        silences += "no longer answers" in line
        if silences == 3:
            break
    assert again.poll() is None, "a second start anew within six hours"
    again.terminate()
    again.communicate()
