"""deploy/ward/install.sh, for real, into a staging root: no system service or user of this machine is touched."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.ward.site import FILES, Site

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/ward"
UNITS = sorted((FOLDER / "systemd").iterdir())
GIVEN = ("--ward", "phuong-1", "--hosts", "ward.example,10.0.0.2")


def install(*arguments: str, language: str = "C") -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": "/", "LANG": language, "PYTHON": sys.executable}
    command = ("sh", str(FOLDER / "install.sh"), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=300, umask=0o077)


def listing(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
        if "program" not in path.parts and path.name != "crl.pem"
    }


def test_install_twice_into_a_staging_root(tmp_path: Path) -> None:
    root = tmp_path / "a root"
    first = install("--root", str(root), "--no-deps", *GIVEN)
    assert first.returncode == 0, first.stderr
    assert "camera-ward token NODE" in first.stdout
    files = listing(root)
    for name, mode in (
        ("etc/camera-ward/mosquitto.conf", 0o644),
        ("etc/camera-ward/nodes.acl", 0o644),
        ("etc/camera-ward/tls/server.key", 0o640),
        ("var/lib/camera-ward/ca/ca.key", 0o600),
        ("var/lib/camera-ward/staff/ca.key", 0o600),
        ("var/lib/camera-ward/staff/ward.desk.key", 0o600),
        ("var/lib/camera-ward/command.key", 0o600),
        ("var/lib/camera-ward/uploads", 0o750),
        ("usr/local/bin/camera-ward", 0o755),
        ("opt/camera-ward/node/server.mjs", 0o644),
        *((f"etc/systemd/system/{unit.name}", 0o644) for unit in UNITS),
    ):
        assert files[name][0] == mode, name
    assert files["etc/camera-ward/enrol.env"][1] == b"WARD_HOSTS=ward.example,10.0.0.2\n"

    again = install("--root", str(root), "--no-deps", language="vi_VN.UTF-8")
    assert again.returncode == 0, again.stderr
    assert "Xong" in again.stdout
    assert listing(root) == files


def test_what_is_installed_is_what_runs_here(tmp_path: Path) -> None:
    """No drift: the installed files are `Site.lay`'s, word for word, which `make ward` and the tests of rights run."""
    assert install("--root", str(tmp_path / "root"), "--no-deps", *GIVEN).returncode == 0
    there = Site(Path("/etc/camera-ward"), Path("/var/lib/camera-ward"), Path("/run/camera-ward"), tmp_path / "root")
    mine = Site(there.etc, there.state, there.run, tmp_path / "mine")
    mine.lay(there.settings())
    for name in (*FILES, "uploads.json", "gate.json"):
        assert mine.here(mine.etc / name).read_text() == there.here(there.etc / name).read_text()


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    answer = install("--dry-run", "--root", str(tmp_path / "root"), *GIVEN)
    assert answer.returncode == 0, answer.stderr
    assert any("deploy.ward lay" in line for line in answer.stdout.splitlines() if line.startswith("+ "))
    assert not (tmp_path / "root").exists()


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the installer is for Debian")
def test_a_dry_run_on_this_machine_names_users_and_services() -> None:
    answer = install("--dry-run", *GIVEN)
    assert answer.returncode == 0, answer.stderr
    for words in ("useradd --system", "systemctl restart camera-ward-broker.service", "chown -R camera-ward-ca"):
        assert words in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say --ward and --hosts"),
        (("--ward", "Phuong 1", "--hosts", "x"), "is no name"),
        (("--ward",), "--ward needs a value"),
        (("--frobnicate",), "unknown option"),
    ],
)
def test_mistakes_are_named_before_anything_is_changed(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = install("--root", str(tmp_path / "root"), *arguments)
    assert answer.returncode == 1
    assert words in answer.stderr.splitlines()[-1]
    assert not (tmp_path / "root").exists()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", ["install.sh", "camera-ward", "camera-ward-enrol"])
def test_shellcheck(name: str) -> None:
    answer = subprocess.run(["shellcheck", str(FOLDER / name)], capture_output=True, text=True, check=False)
    assert answer.stdout == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units_and_they_are_closed(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text()
        for program in (
            "/usr/sbin/mosquitto",
            "/usr/bin/node",
            "/usr/sbin/nginx",
            "/opt/camera-ward/bin/camera-ward-enrol",
        ):
            text = text.replace(f"ExecStart={program}", f"ExecStart={sys.executable}")
        (tmp_path / unit.name).write_text(text.replace("/usr/local/bin/camera-ward", sys.executable))
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    answer = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")
    for unit in UNITS:
        if unit.suffix == ".service" and "refresh" not in unit.name:
            line = ("systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit))
            answer = subprocess.run(line, capture_output=True, text=True, check=False)
            assert answer.returncode == 0, answer.stdout[-300:]
