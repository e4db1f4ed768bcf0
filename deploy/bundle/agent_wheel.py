"""The agent's own wheel, built from a clean copy of the sources: the same bytes from the same files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from agent.i18n import Text
from deploy.fetch import AssetError, reason
from deploy.prepare import keep_setuptools, wheels

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("setup.py", "pyproject.toml", "README.md", "agent", "docs/guide/faults")
JUNK = shutil.ignore_patterns("__pycache__", "*.pyc")
BUILD_S = 300
EPOCH = 315_619_200  # 1980-01-02, the first full day that a zip file can name


def agent_wheel(work: Path, version: str, source: Path = ROOT) -> Path:
    """Built in `work` as `version` (what the sources say, but for trials of updates). Raises AssetError."""
    copy = work / "source"
    copy.mkdir()
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(source / name, copy / name, ignore=JUNK)  # with the folders above
        else:
            shutil.copy(source / name, copy)
    _say_version(copy, version)
    _normal_modes(copy)
    command = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(work / "wheel"), str(copy))
    try:
        keep_setuptools()
        environ = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), "PYTHONHASHSEED": "0", "PIP_NO_INDEX": "1"}
        environ |= {"PIP_FIND_LINKS": str(wheels()), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run(command, env=environ, check=True, capture_output=True, timeout=BUILD_S, umask=0o022)
    except (OSError, subprocess.SubprocessError) as error:
        said = reason((getattr(error, "stderr", None) or str(error).encode()).decode(errors="replace"))
        raise AssetError(
            Text(en=f"The agent's wheel cannot be built: {said}", vi=f"Không tạo được wheel của chương trình: {said}")
        ) from error
    (wheel,) = (work / "wheel").glob("*.whl")
    return wheel


def source_version(source: Path = ROOT) -> str:
    """What the sources call themselves."""
    for line in (source / "agent/__init__.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    raise AssetError(Text(en="agent/__init__.py names no version", vi="agent/__init__.py không ghi phiên bản"))


def _say_version(copy: Path, version: str) -> None:
    old = source_version(copy)
    for name in ("setup.py", "agent/__init__.py"):
        path = copy / name
        path.write_text(path.read_text(encoding="utf-8").replace(f'"{old}"', f'"{version}"', 1), encoding="utf-8")


def _normal_modes(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
