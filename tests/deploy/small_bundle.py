"""Bundles with everything a real one has, but with a program of two lines: laid in a second."""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

from agent.update.manifest import BundleFile, BundleModel, Manifest
from agent.update.tar import pack
from deploy.bundle.build import PLAIN
from deploy.bundle.target import Arch

ROOT = Path(__file__).parents[2]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PROGRAM = "def main():\n    print('camera-agent {version}')\n    return 0\n"
ONLY_NAMES = ("av", "cv2", "numpy", "onnxruntime")  # what place.py imports to see whether the program lives


def small_bundle(folder: Path, version: str = "0.1.0", arch: Arch = "x86_64", python: str = PYTHON) -> Path:
    """The bundle's path; the pip in it is the one of this Python's own ensurepip."""
    work = folder / f"small-{version}"
    files = {f"wheels/camera_agent-{version}-py3-none-any.whl": _wheel(work, version)}
    files[f"pip/{_pip().name}"] = _pip()
    for name, text in {"model/ssdlite.onnx": f"model {version}", "NOTICES.md": "notices", "sbom.json": "{}"}.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        files[name] = path
    files |= {name: ROOT / source for source, name in PLAIN}
    files |= {f"systemd/{path.name}": path for path in (ROOT / "systemd").iterdir() if path.is_file()}
    listed = [
        (BundleFile(path=name, size=path.stat().st_size, sha256=_sha256(path)), path)
        for name, path in sorted(files.items())
    ]
    model = next(file for file, _ in listed if file.path.startswith("model/"))
    manifest = Manifest(
        version=version,
        arch=arch,
        python=python,
        created="2026-11-22T00:00:00.000Z",
        installed_bytes=5_000_000,
        files=tuple(file for file, _ in listed),
        model=BundleModel(path=model.path, sha256=model.sha256),
    )
    out = folder / f"camera-agent-{version}-{arch}-cp{python.replace('.', '')}.bundle"
    pack(manifest.data(), None, listed, out)
    shutil.rmtree(work)
    return out


def _wheel(work: Path, version: str) -> Path:
    work.mkdir(parents=True)
    path = work / f"camera_agent-{version}-py3-none-any.whl"
    about = f"camera_agent-{version}.dist-info"
    members = {
        "agent/__init__.py": f'__version__ = "{version}"\n',
        "agent/cli/__init__.py": PROGRAM.format(version=version),
        **{f"{name}.py": "" for name in ONLY_NAMES},
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: camera-agent\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": "[console_scripts]\ncamera-agent = agent.cli:main\n",
    }
    record = "".join(f"{name},,\n" for name in (*members, f"{about}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**members, f"{about}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def _pip() -> Path:
    import ensurepip  # noqa: PLC0415  # Debian has it only with python3-venv

    return next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
