"""`camera-agent run` as systemd starts it: no terminal tells the language, so the configuration does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """\
node: {{ward: w, id: n, language: {language}, data_dir: {data}}}
mqtt: {{url: "mqtt://127.0.0.1:9"}}
retention: {{max_days: 30}}
insecure: true
cameras: [{{id: gate, source: {data}/none.mp4}}]
"""


@pytest.mark.parametrize(("language", "words"), [("vi", "Không có tệp video"), ("en", "There is no video file")])
def test_the_log_speaks_the_language_of_the_node(language: str, words: str, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(language=language, data=tmp_path), encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name not in ("CAMERA_AGENT_LANG", "LC_ALL")}
    command = (sys.executable, "-m", "agent", "run", "--config", str(config))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**env, "LANG": "C.UTF-8"}) as process:
        assert process.stderr is not None
        told = next((line for line in process.stderr if words in line), "")
        process.terminate()
    assert "capture-gate" in told
