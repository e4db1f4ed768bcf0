"""The unit is understood by systemd, is closed enough, and lets the agent do its work."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.app.escalate import REQUEST

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "systemd/camera-agent.service"
STEPS = ROOT / "systemd/restart-steps.conf"
PROGRAM = "/opt/camera-agent/current/bin/camera-agent"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def settings(key: str, unit: Path = UNIT) -> list[str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(key + "=")]


def systemd_version() -> int:
    answer = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[1])


@needs_systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    # The program is not installed on a machine that only builds, so a copy of the unit names one that is there.
    assert settings("ExecStart") == [f"{PROGRAM} run --config /etc/camera-agent/config.yaml"]
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, sys.executable), encoding="utf-8")
    if systemd_version() >= 254:
        folder = tmp_path / f"{UNIT.name}.d"
        folder.mkdir()
        shutil.copy(STEPS, folder)
    answer = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


@needs_systemd
def test_systemd_understands_the_units_that_restart_the_device(tmp_path: Path) -> None:
    for unit in ("camera-agent-reboot.path", "camera-agent-reboot.service"):
        shutil.copy(ROOT / "systemd" / unit, tmp_path)
    units = sorted(str(path) for path in tmp_path.iterdir())
    answer = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


def test_the_device_restarts_only_after_the_request_is_gone_and_not_soon_after_a_start(tmp_path: Path) -> None:
    path = (ROOT / "systemd/camera-agent-reboot.path").read_text(encoding="utf-8")
    request = f"/run/{settings('RuntimeDirectory')[0]}/{REQUEST}"
    assert f"PathExists={request}\n" in path
    steps = settings("ExecStart", ROOT / "systemd/camera-agent-reboot.service")
    remove, young, restart = (shlex.split(step.replace("$$", "$")) for step in steps)
    assert remove[-1] == request
    assert restart[1:] == ["--no-block", "reboot"]
    for up_s, code in (("599.97 3.1\n", 1), ("600.02 3.1\n", 0), ("86400.5 3.1\n", 0)):
        (tmp_path / "uptime").write_text(up_s, encoding="ascii")
        assert young[-1] == "/proc/uptime"
        assert subprocess.run([*young[:-1], tmp_path / "uptime"], check=False).returncode == code


def test_a_hanging_camera_may_restart_the_agent_and_a_dying_child_may_not() -> None:
    assert settings("Restart") == ["always"]  # exit code 75 among others
    assert settings("RestartPreventExitStatus") == []
    assert settings("OOMPolicy") == ["continue"]
    assert settings("KillMode") == ["mixed"]


@needs_systemd
@pytest.mark.parametrize(
    ("name", "most"),
    # The update is root's and writes the program, so it cannot be as narrow as those of the service's user.
    [("camera-agent.service", 30), ("camera-agent-enrol.service", 30), ("camera-agent-update.service", 55)],
)
def test_the_exposure_is_at_most(name: str, most: int) -> None:
    unit = UNIT.with_name(name)
    answer = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={most}", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-300:]


def test_cameras_stay_within_reach() -> None:
    assert "char-video4linux rw" in settings("DeviceAllow")
    assert settings("SupplementaryGroups") == ["video render"]
    assert settings("PrivateDevices") == []


def test_a_node_is_never_given_up() -> None:
    assert settings("Restart") == ["always"]
    assert settings("RestartPreventExitStatus") == []
    assert settings("StartLimitIntervalSec") == ["0"]
    assert "RestartSteps=" not in UNIT.read_text(encoding="utf-8")  # systemd 252 would complain at each start


def test_footage_is_nobody_elses_business() -> None:
    assert settings("StateDirectoryMode") == ["0700"]
    assert settings("UMask") == ["0077"]
    assert settings("User") == ["camera-agent"]


@needs_systemd
@pytest.mark.skipif(not list(Path("/").glob("lib/*/libseccomp.so.2")), reason="libseccomp is not installed")
def test_the_agent_can_work_behind_the_filters_of_the_unit(tmp_path: Path) -> None:
    code = (Path(__file__).parent / "confined_work.py").read_text(encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-m", "tests.deploy.sandbox", str(UNIT), code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
        env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")},
    )
    assert answer.stdout == "done\n", answer.stderr[-2000:]
    assert list(tmp_path.rglob("*")) == [], "a library keeps records of its own (ONNX Runtime's usage data?)"
