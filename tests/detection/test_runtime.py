"""ONNX Runtime is brought in silently, and only when it is needed."""

import subprocess
import sys
from pathlib import Path

NOISY = """
import os
os.write(2, b"[W:onnxruntime] GPU device discovery failed")
def set_default_logger_severity(severity): print("severity", severity)
"""


def run(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    source = f"import sys; sys.path[:0] = {[str(folder) for folder in path]}; {code}"
    return subprocess.run((sys.executable, "-c", source), capture_output=True, text=True, check=True, timeout=180)


def test_a_noisy_import_does_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text(NOISY, encoding="utf-8")
    code = "from agent.detection.runtime import import_onnxruntime as load; load(); load(); sys.stderr.write('after')"
    done = run(code, tmp_path)
    assert done.stderr == "after"
    assert done.stdout == "severity 4\nseverity 4\n"


def test_what_it_said_is_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text(NOISY, encoding="utf-8")
    code = (
        "import logging; logging.basicConfig(level='DEBUG', stream=sys.stdout); "
        "from agent.detection.runtime import import_onnxruntime; import_onnxruntime()"
    )
    assert "GPU device discovery failed" in run(code, tmp_path).stdout


def test_the_door_alone_does_not_import_it() -> None:
    done = run("import agent.detection.detector; print('onnxruntime' in sys.modules)")
    assert done.stdout.strip() == "False"
