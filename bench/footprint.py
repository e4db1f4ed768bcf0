"""What the node takes: resident memory with everything at work, and the time to the first analysed frame."""

import tempfile
from pathlib import Path
from typing import Any

import psutil

from bench.live import Ear, Node, wait_for, write_config
from deploy.ward import Ward, WardOptions


def run(quick: bool) -> dict[str, Any]:
    """The largest resident memory seen, and the slowest start of several."""
    starts = 2 if quick else 5
    seconds = 20.0 if quick else 120.0
    first_frames: list[float] = []
    highest_mb = 0.0
    with tempfile.TemporaryDirectory() as name, Ward.start(Path(name) / "ward", WardOptions()) as ward:
        ear = Ear(ward.mqtt_url)
        config = write_config(Path(name), ward.mqtt_url, ward.upload_url)
        uploads = 0
        for number in range(starts):
            node = Node(config, Path(name) / f"agent-{number}.log")
            try:
                if not wait_for(lambda node=node: node.first_frame() is not None, 30):  # type: ignore[misc]
                    raise SystemExit(node.log.read_text(encoding="utf-8"))
                first = node.first_frame()
                first_frames.append(first[0] if first else 0.0)
                process = psutil.Process(node.process.pid)

                def note(process: psutil.Process = process) -> bool:
                    nonlocal highest_mb
                    highest_mb = max(highest_mb, process.memory_info().rss / 1e6)
                    return False

                wait_for(note, seconds / starts)
            finally:
                node.stop()
        uploads = len(ward.uploaded())
        ear.close()
    print(f"{'starts':>7} {'first frame s (median, worst)':>30} {'rss MB (highest)':>17} {'clips uploaded':>15}")
    ordered = sorted(first_frames)
    print(f"{starts:>7} {ordered[len(ordered) // 2]:>21.2f} {ordered[-1]:>8.2f} {highest_mb:>17.0f} {uploads:>15}")
    return {
        "rss_mb": round(highest_mb, 1),
        "first_frame_s": round(ordered[-1], 2),
        "first_frame_median_s": round(ordered[len(ordered) // 2], 2),
        "clips_uploaded": uploads,
    }
