"""A whole node whose one camera is nowhere, run until it ends by itself: for starts that are refused."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.faults.crash import ROOT


def run_node(directory: Path, data: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Its configuration is written to `directory`; `before` stands before the command."""
    tree = {
        "node": {"ward": "test", "id": "n", "data_dir": str(data)},
        "mqtt": {"url": "mqtt://127.0.0.1:1"},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [{"id": "gate", "source": "/nowhere.mp4"}],
    }
    config = directory / "config.yaml"
    config.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return subprocess.run(
        [*before, sys.executable, "-m", "agent", "run", "--config", str(config)],
        cwd=ROOT,
        env=os.environ | {"CAMERA_AGENT_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
