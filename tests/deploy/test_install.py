"""install.sh and uninstall.sh, for real, into a staging root: no system service or user of this machine is touched."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent
from deploy.prepare import wheels

ROOT = Path(__file__).parents[2]
PIECES = (
    "setup.py",
    "pyproject.toml",
    "README.md",
    "config.example.yaml",
    "agent",
    "deploy",
    "systemd",
    "docs/guide/faults",
)
JUNK = shutil.ignore_patterns("__pycache__", "node_modules", "build", "*.egg-info")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout whose path has a space in it, with a build left over from older code."""
    folder = tmp_path_factory.mktemp("a checkout")
    for piece in PIECES:
        if (ROOT / piece).is_dir():
            shutil.copytree(ROOT / piece, folder / piece, ignore=JUNK)
        else:
            shutil.copy(ROOT / piece, folder)
    stale = folder / "build/lib/agent/long_gone.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("")
    return folder


def script(checkout: Path, name: str, *arguments: str, language: str = "C") -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": language}
    environ |= {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    if any(wheels().glob("setuptools-*.whl")):  # no network needed
        environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels())}
    return subprocess.run(
        ["sh", str(checkout / "deploy" / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        timeout=600,  # only against hanging
        umask=0o077,  # as a careful administrator's root has it
    )


def listing(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.suffix != ".pyc" and path.name != "__pycache__":
            kind = "link" if path.is_symlink() else "dir" if path.is_dir() else "file"
            yield f"{kind} {path.lstat().st_mode & 0o7777:o} {path.relative_to(root)}"


@pytest.fixture
def root() -> Iterator[Path]:
    """With a short path: pip writes a program whose interpreter's path is long in another way."""
    with tempfile.TemporaryDirectory(prefix="camera-agent-") as name:
        yield Path(name) / "root"


@pytest.mark.timeout(900)  # makes a virtual environment, builds and installs, twice
def test_install_twice_from_the_checkout_then_remove(checkout: Path, tmp_path: Path, root: Path) -> None:
    model = tmp_path / "ssdlite_300.onnx"
    model.write_bytes(b"model")
    model.with_name("ssdlite_300.onnx.sha256").write_text("0" * 64)
    first = script(checkout, "install.sh", "--root", str(root), "--no-deps", "--model", str(model))
    assert first.returncode == 0, first.stderr
    assert "Next: write your camera" in first.stdout
    files = list(listing(root))
    for line in (
        "file 640 etc/camera-agent/config.yaml",
        "dir 750 etc/camera-agent",
        "dir 755 opt/camera-agent",
        "file 644 usr/share/camera-agent/ssdlite.onnx",
        "file 644 usr/share/camera-agent/ssdlite.onnx.sha256",
        "file 644 etc/systemd/system/camera-agent.service",
        "file 644 etc/systemd/system/camera-agent-reboot.path",
        "file 644 etc/systemd/system/camera-agent-reboot.service",
        "link 777 opt/camera-agent/current",
        "link 777 opt/camera-agent/judge",
        "link 777 usr/local/bin/camera-agent",
    ):
        assert line in files
    (version,) = (root / "opt/camera-agent/versions").iterdir()
    assert re.fullmatch(re.escape(agent.__version__) + "-[0-9a-f]{8}", version.name)
    assert f"file 755 opt/camera-agent/versions/{version.name}/bin/camera-agent" in files
    program = root / "opt/camera-agent/current/bin/camera-agent"
    assert program.read_text().startswith(f"#!/opt/camera-agent/versions/{version.name}/bin/python")
    assert (root / "usr/local/bin/camera-agent").readlink() == Path("/opt/camera-agent/current/bin/camera-agent")
    assert not any("long_gone" in line for line in files), "an old build directory got in"
    said = subprocess.run(
        [str(version / "bin/python"), "-c", "import agent; print(agent.__version__, agent.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    assert str(root) in said

    config = root / "etc/camera-agent/config.yaml"
    config.write_text("mine: true\n")
    for part in ("bin", "lib"):  # a program of the layout before: it lay directly in the folder
        (root / "opt/camera-agent" / part).mkdir()
        (root / "opt/camera-agent" / part / "old").touch()
    (root / "opt/camera-agent/pyvenv.cfg").touch()
    second = script(checkout, "install.sh", "--root", str(root), "--no-deps", language="vi_VN.UTF-8")
    assert second.returncode == 0, second.stderr
    assert "được giữ nguyên" in second.stdout
    assert list(listing(root)) == files
    assert config.read_text() == "mine: true\n"

    removed = script(checkout, "uninstall.sh", "--root", str(root))
    assert removed.returncode == 0, removed.stderr
    assert config.read_text() == "mine: true\n"
    assert not (root / "opt/camera-agent").exists()
    assert not (root / "etc/systemd/system/camera-agent.service").exists()
    assert script(checkout, "uninstall.sh", "--root", str(root), "--purge").returncode == 0
    assert [line for line in listing(root) if not line.startswith("dir")] == []


def test_a_dry_run_prints_each_command_and_changes_nothing(checkout: Path, tmp_path: Path) -> None:
    before = list(listing(checkout))
    root = tmp_path / "root"
    answer = script(checkout, "install.sh", "--dry-run", "--root", str(root))
    assert answer.returncode == 0, answer.stderr
    commands = [line for line in answer.stdout.splitlines() if line.startswith("+ ")]
    place = f"{root}/opt/camera-agent/versions/{agent.__version__}-"
    assert any(line.startswith(f"+ python3 -m venv --clear {place}") for line in commands)
    assert any(line.startswith("+ install -m 0640 ") and line.endswith("config.yaml") for line in commands)
    assert any(line.endswith("systemd/system/camera-agent.service") for line in commands)
    assert not root.exists()
    assert list(listing(checkout)) == before


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the installer is for Debian")
def test_a_dry_run_on_this_machine_names_user_packages_and_service(checkout: Path) -> None:
    answer = script(checkout, "install.sh", "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert "+ systemctl daemon-reload" in answer.stdout
    assert "+ systemctl try-restart camera-agent.service" in answer.stdout
    assert "camera-agent-reboot.path" in answer.stdout
    assert "enable --quiet --now camera-agent-reboot.path" not in answer.stdout
    if shutil.which("getent") and subprocess.run(["getent", "passwd", "camera-agent"], check=False).returncode:
        assert "+ useradd --system --user-group --home-dir /var/lib/camera-agent" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--frobnicate",), "unknown option --frobnicate"),
        (("--wheel", "/no/such.whl"), "no such wheel: /no/such.whl"),
        (("--model", "/no/such.onnx"), "no such model: /no/such.onnx"),
        (("--wheel",), "--wheel needs a value"),
    ],
)
def test_mistakes_are_named_before_anything_is_changed(
    checkout: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    answer = script(checkout, "install.sh", "--root", str(tmp_path / "root"), *arguments)
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == f"install.sh: {words}"
    assert not (tmp_path / "root").exists()


def test_a_broken_wheel_is_one_clear_line(checkout: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "camera_agent-9.9.9-py3-none-any.whl"
    wheel.write_bytes(b"not a zip file")
    answer = script(checkout, "install.sh", "--root", str(tmp_path / "root"), "--no-deps", "--wheel", str(wheel))
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("install.sh: pip failed")


def test_an_incomplete_checkout_is_named_in_vietnamese(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    shutil.copy(checkout / "deploy/install.sh", tmp_path / "deploy")
    answer = script(tmp_path, "install.sh", "--root", str(tmp_path / "root"), language="vi_VN.UTF-8")
    assert answer.returncode == 1
    assert "thiếu" in answer.stderr
    assert "systemd/camera-agent.service" in answer.stderr


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", ["install.sh", "uninstall.sh"])
def test_shellcheck(name: str) -> None:
    answer = subprocess.run(["shellcheck", str(ROOT / "deploy" / name)], capture_output=True, text=True, check=False)
    assert answer.stdout == ""
