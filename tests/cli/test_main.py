"""The command line as an installer meets it: help, exit codes, one clear line and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agent.cli import main
from tests.cli.saying import ROOT, said


def agent(*arguments: str, language: str = "en") -> "subprocess.CompletedProcess[str]":
    """As a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        cwd=ROOT,
        env={**os.environ, "CAMERA_AGENT_LANG": language},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize("command", ["run", "check-config", "probe", "replay", "watch", "status", "schema", "version"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0
    assert "usage: camera-agent" in capsys.readouterr().out


def test_the_version_is_told_as_other_programs_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == main(["version"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second and first.startswith("camera-agent ")


def test_no_command_and_an_unknown_one_are_usage_errors() -> None:
    assert agent().returncode == 2
    assert said("jump").returncode == 2


def test_the_example_has_no_mistakes() -> None:
    done = said("check-config", "config.example.yaml")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("language", "word"), [("en", "did you mean"), ("vi", "có phải")])
def test_mistakes_come_all_at_once_with_their_places(tmp_path: Path, language: str, word: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "node: {ward: w, id: n}\nmqtt: {url: 'mqtts://h', prefx: p}\ncameras:\n  - id: c\n    sorce: /dev/video0\n",
        encoding="utf-8",
    )
    for tell, command in ((said, ("check-config", str(path))), (agent, ("run", "--config", str(path)))):
        done = tell(*command, language=language)
        assert done.returncode == 78
        assert f"{path}:2:" in done.stderr and f"{path}:5:" in done.stderr and word in done.stderr
        assert "Traceback" not in done.stderr
    told = json.loads(said("check-config", "--json", str(path)).stdout)
    assert {mistake["path"] for mistake in told} >= {"mqtt.prefx", "cameras[0].sorce"}


@pytest.mark.parametrize("command", ["run", "status", "watch"])
def test_a_missing_configuration_is_exit_78_and_names_the_file(command: str) -> None:
    done = (agent if command == "run" else said)(command, "--config", "/nowhere/config.yaml")
    assert done.returncode == 78
    assert "/nowhere/config.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_schema_of_the_configuration_is_json_schema() -> None:
    schema = json.loads(said("schema", "config").stdout)
    assert "cameras" in schema["properties"]


def test_status_of_a_node_that_does_not_run_says_so(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"node: {{ward: w, id: n-never-{os.getpid()}, data_dir: {tmp_path}}}\n"
        "mqtt: {url: 'mqtts://h'}\nretention: {max_days: 9}\ncameras: [{id: c, source: /dev/video0}]\n",
        encoding="utf-8",
    )
    done = said("status", "--config", str(path))
    assert done.returncode == 1
    assert "not running" in done.stderr


def test_check_config_says_when_any_certificate_is_taken(tmp_path: Path) -> None:
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    tree = yaml.safe_load(text)
    tree["cameras"] = [{"id": "gate", "source": "rtsps://192.168.1.20/main"}]
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    assert "camera gate: any certificate is taken" in said("check-config", str(path)).stdout
    tree["cameras"][0]["ca_file"] = "/etc/camera-agent/gate.pem"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    done = said("check-config", str(path))
    assert (done.returncode, "any certificate" in done.stdout) == (0, False)
