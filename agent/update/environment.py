"""Makes a version out of an unpacked bundle, offline: a virtual environment at its final place; looks whether it lives.

pip comes with the bundle, as neither pip nor ensurepip need be on a device. Everything is installed as the manifest
lists it, so nothing is resolved, and byte code is made now: the service may not write it later.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.i18n import Text
from agent.update.manifest import Manifest
from agent.update.refused import UpdateRefused

LONGEST_S = 1800.0  # of one step, on a slow card
SMOKE_S = 180.0
PARTS = "import agent.cli, agent.app.run, av, cv2, numpy, onnxruntime"  # what a foreign processor or libc breaks first
SAID = 300  # letters of what a failed step said last


def make(folder: Path, manifest: Manifest, parts: str = PARTS) -> None:
    """`folder` holds the unpacked bundle and becomes the version. Raises UpdateRefused and OSError."""
    scratch = folder / "tmp"  # on the card: /tmp may be memory
    scratch.mkdir()
    environ = _environ(scratch)
    _run((_system_python(), "-I", "-m", "venv", "--without-pip", str(folder)), environ, LONGEST_S)
    python = str(folder / "bin/python")
    wheels = [str(folder / path) for path in manifest.wheels()]
    pips = [each.path for each in manifest.files if each.path.startswith("pip/") and each.path.endswith(".whl")]
    if len(pips) != 1 or not wheels:
        raise _incomplete(Text(en="it brings no pip or no packages", vi="gói không có pip hoặc không có phần mềm"))
    pip = (python, "-I", str(folder / pips[0] / "pip"), "--isolated", "--disable-pip-version-check", "--no-input", "-q")
    options = ("--no-index", "--no-deps", "--no-cache-dir", "--root-user-action=ignore", "--no-warn-script-location")
    _run((*pip, "install", *options, *wheels), environ, LONGEST_S)
    for path in manifest.wheels():
        (folder / path).unlink()
    (folder / "wheels").rmdir()
    said = _run((str(folder / "bin/camera-agent"), "version"), environ, SMOKE_S)
    if manifest.version not in said.split():
        raise _incomplete(Text(en=f"it calls itself {said.strip()!r}", vi=f"chương trình tự xưng là {said.strip()!r}"))
    if parts:
        _run((python, "-I", "-c", parts), environ, SMOKE_S)
    scratch.rmdir()


def accepts(folder: Path, config: Path, run: Callable[[Sequence[str]], int] | None = None) -> bool:
    """Does this version find no mistake in the installer's file? Asked as root; nothing is written."""
    command = (str(folder / "bin/camera-agent"), "check-config", str(config))
    if run is not None:
        return run(command) == 0
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=SMOKE_S, env=_environ(Path("/tmp")), cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _system_python() -> str:
    # The very interpreter that the virtual environment of this program was made from.
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def _environ(scratch: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "CAMERA_AGENT_LANG")
    }
    return {
        **kept,
        "TMPDIR": str(scratch),
        "HOME": "/nonexistent",
        "PIP_CONFIG_FILE": os.devnull,
        "ORT_DISABLE_TELEMETRY": "1",
    }


def _run(command: Sequence[str], environ: dict[str, str], longest_s: float) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=longest_s,
            env=environ,
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise _incomplete(Text(en=f"{command[0]} does not end", vi=f"{command[0]} chạy mãi không xong")) from error
    if done.returncode == 0:
        return done.stdout
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    last = lines[-1][-SAID:] if lines else f"{done.returncode}"
    if "No space left" in done.stderr:
        raise OSError(28, os.strerror(28), str(environ["TMPDIR"]))
    raise _incomplete(Text(en=last, vi=last))


def _incomplete(why: Text) -> UpdateRefused:
    return UpdateRefused(
        "install",
        Text(
            en=f"The new version cannot be installed here: {why.en}",
            vi=f"Không cài được phiên bản mới trên thiết bị này: {why.vi}",
        ),
        Text(
            en="Nothing was changed; tell the ward which bundle and what it says here",
            vi="Chưa có gì thay đổi; hãy báo phường tên gói và dòng này",
        ),
    )
