"""What the node takes: memory with everything at work, time to the first analysed frame, time to a stop.

The node is started with the variables that its systemd unit sets.

Memory is resident memory (`rss`) of the one process, in millions of bytes, with model, broker and upload running: the
highest from the first analysed frame on. `own` is the part of it that is no copy of a file: what the node would still
take if the kernel took all it can. `start` is the highest before that, while everything is loaded.
"""

import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.live import Ear, Node, wait_for, write_config
from deploy.ward import Ward, WardOptions

UNIT = Path(__file__).parents[1] / "systemd" / "camera-agent.service"


@dataclass(frozen=True)
class Life:
    """One run of the node."""

    first_frame_s: float
    rss_mb: float  # the highest seen
    own_mb: float  # the same without pages of files
    start_mb: float  # the highest ever, by the kernel
    stop_s: float


def run(quick: bool) -> dict[str, Any]:
    """Several short lives for the start, and a long one for the memory."""
    lengths = [2.0, 18.0] if quick else [2.0, 2.0, 2.0, 2.0, 150.0]
    with tempfile.TemporaryDirectory() as name, Ward.start(Path(name) / "ward", WardOptions()) as ward:
        ear = Ear(ward.mqtt_url)
        config = write_config(Path(name), ward.mqtt_url, ward.upload_url)
        lives = [one_life(config, Path(name) / f"agent-{number}.log", length) for number, length in enumerate(lengths)]
        uploads = len(ward.uploaded())
        ear.close()
    firsts = [life.first_frame_s for life in lives]
    rss_mb, stop_s = max(life.rss_mb for life in lives), max(life.stop_s for life in lives)
    own_mb, start_mb = max(life.own_mb for life in lives), max(life.start_mb for life in lives)
    print("starts  first frame s (median, worst)  stop s  rss MB (highest)  own MB  at the start MB  clips uploaded")
    print(f"{len(lives):>6} {statistics.median(firsts):>22.2f} {max(firsts):>7.2f}", end="")
    print(f"{stop_s:>8.2f} {rss_mb:>17.0f} {own_mb:>7.0f} {start_mb:>16.0f} {uploads:>15}")
    return {
        "rss_mb": round(rss_mb, 1),
        "own_mb": round(own_mb, 1),
        "start_rss_mb": round(start_mb, 1),
        "first_frame_s": round(max(firsts), 2),
        "first_frame_median_s": round(statistics.median(firsts), 2),
        "stop_s": round(stop_s, 2),
        "clips_uploaded": uploads,
    }


def one_life(config: Path, log: Path, seconds: float) -> Life:
    """Start, look at the memory for so long, stop as systemd does."""
    node = Node(config, log, **unit_environment())
    process = psutil.Process(node.process.pid)
    rss_mb = own_mb = 0.0

    def looked() -> bool:
        nonlocal rss_mb, own_mb
        memory = process.memory_info()
        rss_mb, own_mb = max(rss_mb, memory.rss / 1e6), max(own_mb, (memory.rss - memory.shared) / 1e6)
        return False

    if not wait_for(lambda: node.first_frame() is not None, 30):
        node.kill()
        raise SystemExit(log.read_text(encoding="utf-8"))
    wait_for(looked, seconds)
    first, start_mb = node.first_frame(), highest_mb(process.pid)
    started_s = time.monotonic()
    node.stop()
    return Life(first[0] if first else 0.0, rss_mb, own_mb, start_mb, time.monotonic() - started_s)


def unit_environment() -> dict[str, str]:
    """The variables that the Environment= lines of the node's unit set."""
    lines = re.findall(r"^Environment=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    pairs = (pair.partition("=") for line in lines for pair in line.split())
    return {name: value for name, _, value in pairs}


def highest_mb(pid: int) -> float:
    """The highest resident memory of a process since it began; 0 where the kernel does not tell."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 / 1e6 if found else 0.0
