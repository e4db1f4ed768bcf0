"""What the node takes: memory with everything at work, time to the first analysed frame, time to a stop."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.live import Ear, Node, wait_for, write_config
from deploy.ward import Ward, WardOptions


@dataclass(frozen=True)
class Life:
    """One run of the node."""

    first_frame_s: float
    rss_mb: float  # the highest seen
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
    print("starts  first frame s (median, worst)  stop s  rss MB (highest)  clips uploaded")
    print(f"{len(lives):>6} {statistics.median(firsts):>22.2f} {max(firsts):>7.2f}", end="")
    print(f"{stop_s:>8.2f} {rss_mb:>17.0f} {uploads:>15}")
    return {
        "rss_mb": round(rss_mb, 1),
        "first_frame_s": round(max(firsts), 2),
        "first_frame_median_s": round(statistics.median(firsts), 2),
        "stop_s": round(stop_s, 2),
        "clips_uploaded": uploads,
    }


def one_life(config: Path, log: Path, seconds: float) -> Life:
    """Start, look at the memory for so long, stop as systemd does."""
    node = Node(config, log)
    highest_mb = 0.0

    def looked() -> bool:
        nonlocal highest_mb
        highest_mb = max(highest_mb, psutil.Process(node.process.pid).memory_info().rss / 1e6)
        return False

    if not wait_for(lambda: node.first_frame() is not None, 30):
        node.kill()
        raise SystemExit(log.read_text(encoding="utf-8"))
    wait_for(looked, seconds)
    first = node.first_frame()
    started_s = time.monotonic()
    node.stop()
    return Life(first[0] if first else 0.0, highest_mb, time.monotonic() - started_s)
