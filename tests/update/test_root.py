"""Root's commands around an update: services, status, history, and the rules that its files keep."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.app.update import standing
from agent.cli import main
from agent.i18n import Text
from agent.update.place import point
from agent.update.services import Systemd, folder_of
from agent.update.state import Ended, History, read_history, write_history
from tests.update.bundles import OLD, Device

ROOT = Path(__file__).parents[2]


def test_systemctl_is_asked_and_the_program_of_the_service_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "versions/0.1.0-00000000/bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    child = subprocess.Popen([folder / "python", "-c", "input()"], stdin=subprocess.PIPE)
    try:
        while folder_of(child.pid) is None:  # between fork and exec it is still us
            pass
        log = tmp_path / "log"
        tool = tmp_path / "systemctl"
        tool.write_text(
            f'#!/bin/sh\necho "$@" >> {log}\n'
            f"echo ActiveState=active; echo MainPID={child.pid}; echo NRestarts=2\n"
            'case "$1" in is-active) exit 3 ;; daemon-reload) echo refused >&2; exit 1 ;; esac\n'
        )
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        life = Systemd().life()
        assert (life.active, life.pid, life.folder, life.ends) == (True, child.pid, "0.1.0-00000000", 2)
        Systemd().restart()
        assert not Systemd().judged()
        with pytest.raises(Exception, match=r"daemon-reload.*refused"):
            Systemd().reload()
        assert "restart --no-block camera-agent.service" in log.read_text()
    finally:
        child.communicate(b"\n")


def test_the_status_tells_people_and_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    arguments = ["update", "--status", "--root", str(device.place.root)]
    assert main(arguments) == 0
    assert "On trial: 0.2.0" in capsys.readouterr().out
    device.course().resume()
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["current"].startswith("0.2.0-") and told["history"]["last"]["result"] == "updated"
    assert standing(device.place).trial is None


def test_a_device_that_was_not_installed_so_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", str(tmp_path / "x.bundle"), "--root", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "There is no installed program in" in told and "deploy/install.sh" in told


def test_the_history_survives_nonsense(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    history = History("0.2.0", OLD, Ended("returned", OLD, "x", 1, Text(en="a", vi="b")), ("x",))
    write_history(place, history)
    assert read_history(place) == history
    for damaged in (b"", b"[]", b'{"last": 3}', b"\0\0"):
        (place.state / "history.json").write_bytes(damaged)
        assert read_history(place) == History()


def test_the_boot_step_needs_nothing_but_python() -> None:
    code = (
        "import sys, agent.update.boot; loaded = {name.split('.')[0] for name in sys.modules};"
        "print(*sorted(loaded & {'pydantic', 'numpy', 'nacl', 'yaml', 'httpx', 'psutil'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_a_long_running_unit_starts_the_script_and_never_the_interpreter_of_a_link() -> None:
    # As current/bin/python the old process would load what the new version brings after the exchange.
    for unit in (ROOT / "systemd").glob("*.service"):
        if unit.name != "camera-agent-update-boot.service":
            assert "/bin/python" not in unit.read_text(), unit.name


def test_a_link_is_only_ever_exchanged_in_one_step() -> None:
    for path in (ROOT / "agent/update").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "extractall"), path
    assert point.__module__ == "agent.update.place"
