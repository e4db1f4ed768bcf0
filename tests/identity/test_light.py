"""What enrolling needs is loaded where a node enrols, and nowhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import agent.app.run", False),
        ("from agent.cli import main; main(['version'])", False),
        ("import agent.app.enrol", True),
    ],
)
def test_a_running_node_never_loads_cryptography(code: str, loaded: bool) -> None:
    line = f"import sys; {code}; print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run((sys.executable, "-c", line), cwd=ROOT, capture_output=True, text=True, check=True)
    modules = done.stderr.split()
    assert ("cryptography" in modules) is loaded
