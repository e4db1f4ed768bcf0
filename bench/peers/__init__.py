"""Other people's trackers and metrics, in a Python environment of their own in the cache.

They ask for older numpy than the agent runs with, and must never become something that it needs. Detections go to them
and tracks come back as text. `follow.py` and `judge.py` run there.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.truth import Absent
from deploy.fetch import cache_dir, workspace

# The last supervision that has ByteTrack; later ones point to another package.
PACKAGES = ("norfair==2.3.0", "supervision==0.30.9", "motmetrics==1.4.0")
PATIENCE_S = 600


def peers() -> Path:
    """The environment's directory; made at the first call, which needs a package registry. Raises Absent."""
    root = cache_dir() / f"peers-{sys.version_info.major}.{sys.version_info.minor}-{'-'.join(PACKAGES)}"
    if not (root / "ready").exists():
        with workspace("peers"):
            if not (root / "ready").exists():
                _make(root)
    return root


def _make(root: Path) -> None:
    print("making an environment for norfair, supervision and motmetrics …", file=sys.stderr)
    commands = (
        (sys.executable, "-m", "venv", "--clear", str(root)),
        (str(root / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES),
    )
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Absent(f"{' '.join(PACKAGES)} cannot be installed into {root}: {error}") from error
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Absent(f"{' '.join(PACKAGES)} cannot be installed into {root}: {last}")
    (root / "ready").touch()


def ask(script: str, request: object) -> Any:
    """What a script of this directory answers. Raises Absent when it fails."""
    command = (str(peers() / "bin" / "python"), str(Path(__file__).with_name(script)))
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f"{script} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return json.loads(done.stdout)


def shipped_truth(name: str) -> Path:
    """The ground truth of a sequence that motmetrics brings along. Raises Absent."""
    found = sorted(peers().glob(f"lib/python*/site-packages/motmetrics/data/{name}/gt.txt"))
    if not found:
        raise Absent(f"motmetrics brings no ground truth of {name}")
    return found[0]
