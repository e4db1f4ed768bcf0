"""A Debian 13 root below the cache with the real camera stack, built once (as root, some minutes, 2 GB)."""

import os
import shutil
import subprocess
from pathlib import Path

from deploy.ward.ward import default_cache

HERE = Path(__file__).parent
AGENT = Path(__file__).parents[3] / "agent"
SUITE = "trixie"
PICAMERA2 = "picamera2==0.3.38"
PACKAGES = (
    "python3-libcamera",
    "libcamera-tools",
    "libcamera-ipa",
    "python3-prctl",
    "python3-numpy",
    "python3-av",
    "python3-opencv",
    "python3-pil",
    "python3-venv",
    "libpython3-dev",
    "gcc",
    "libc6-dev",
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
TREE = "/opt/camera"
MADE = "made-of"  # what the root was built of: another recipe builds another root


class RootError(Exception):
    """Why there is no root."""


def picamera2_root() -> Path:
    """The root, ready to be entered with `enter`. Raises RootError."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        raise RootError("needs root and mmdebstrap (apt install mmdebstrap)")
    root = default_cache() / "picamera2-root"
    recipe = "\n".join((SUITE, PICAMERA2, *PACKAGES))
    made = root / MADE
    if not made.exists() or made.read_text(encoding="utf-8") != recipe:
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        _run("mmdebstrap", "--variant=apt", f"--include={','.join(PACKAGES)}", SUITE, str(root))
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        _run("chroot", str(root), "python3", "-m", "venv", "--system-site-packages", "/venv")
        _run("chroot", str(root), "env", f"PIP_CERT={CERTIFICATES}", "/venv/bin/pip", "install", "-q", PICAMERA2)
        made.write_text(recipe, encoding="utf-8")
    _refresh(root)
    return root


def entry(root: Path, script: Path, **env: str) -> Path:
    """Write a program that runs the agent's child inside `root`, whatever arguments it gets."""
    given = " ".join(f"{name}={value}" for name, value in env.items())
    child = f"{TREE}/agent/capture/picamera/child.py"
    script.write_text(
        f"#!/bin/sh\nexec chroot '{root}' /usr/bin/env LD_PRELOAD={TREE}/heap.so LIBCAMERA_LOG_LEVELS='*:WARN' {given} "
        f"/venv/bin/python -s {TREE}/real/launch.py {child}\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def shapes(root: Path) -> str:
    """What `shapes.py` prints of the real libraries."""
    return _run("chroot", str(root), "/venv/bin/python", f"{TREE}/real/shapes.py")


def _refresh(root: Path) -> None:
    # This tree's agent, and the stand-in for the kernel's heap.
    tree = root / TREE.lstrip("/")
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(AGENT, tree / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE, tree / "real", ignore=shutil.ignore_patterns("__pycache__"))
    cameras = root / "usr/share/libcamera/pipeline/virtual"
    cameras.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "virtual.yaml", cameras)
    source, library = f"{TREE}/real/heap.c", f"{TREE}/heap.so"
    _run("chroot", str(root), "gcc", "-O1", "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1800, check=False)
    if done.returncode:
        raise RootError(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout
