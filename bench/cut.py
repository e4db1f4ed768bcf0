"""Ten minutes of 1080p footage out of a ring of 60,000 rows: planned, cut and proved in a process of its own.

`plan_s` is what a request waits for its answer; `mb_s` is the clip's size by the time of the cut, its checks, its hash
and its manifest; `cp_ratio` that time by what `cp` and a sync of the same bytes take in the same run; `extra_mb` the
most memory that the process ever had (VmHWM) over what it had with everything loaded and a first, small cut made.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.cut_ring import CAM, crowd, record

ROWS = 60_000
MINUTES = 10.0
RUNS = 3


def run(quick: bool) -> dict[str, object]:
    """Quick: footage of 2 instead of 6 Mbit/s, one run instead of three."""
    kbps = 2000 if quick else 6000
    with tempfile.TemporaryDirectory(prefix="bench-cut-") as name:
        data_dir = Path(name)
        record(data_dir, kbps, MINUTES * 60)
        rows = crowd(data_dir, ROWS)
        files = sorted((data_dir / "footage" / CAM).glob("*.mp4"))
        turns = [one(data_dir, files, number) for number in range(1 if quick else RUNS)]
    best = min(turns, key=lambda turn: turn["cut_s"])
    print(f"{rows} rows, {len(files)} segments of {CAM}, {MINUTES:.0f} min, {best['bytes'] / 1e6:.0f} MB")
    print(
        f"{'open s':>7} {'plan s':>7} {'cut s':>7} {'of it CPU':>10} {'of it manifest':>15} {'cp s':>7} {'extra MB':>9}"
    )
    for turn in turns:
        opening = f"{turn['open_s']:>7.2f} {turn['plan_s']:>7.3f}"
        cutting = f"{turn['cut_s']:>7.2f} {turn['cpu_s']:>10.2f} {turn['manifest_s']:>15.2f}"
        print(f"{opening} {cutting} {turn['cp_s']:>7.2f} {turn['extra_mb']:>9.1f}")
    return {
        "plan_s": round(max(turn["plan_s"] for turn in turns), 3),
        "mb_s": round(best["bytes"] / 1e6 / best["cut_s"], 1),
        "extra_mb": round(max(turn["extra_mb"] for turn in turns), 1),
        "cp_mb_s": round(best["bytes"] / 1e6 / best["cp_s"], 1),
        "cp_ratio": round(best["cut_s"] / best["cp_s"], 2),
        "cpu_s": round(best["cpu_s"], 2),
        "manifest_s": round(best["manifest_s"], 2),
        "manifest_kb": round(best["manifest_bytes"] / 1000),
        "clip_mb": round(best["bytes"] / 1e6, 1),
        "coverage_s": best["coverage_s"],
        "gaps": best["gaps"],
        "open_s": round(best["open_s"], 2),
        "rows": rows,
    }


def one(data_dir: Path, files: list[Path], number: int) -> dict[str, float]:
    """Cut and copy once each, both from a cold cache where the system lets us."""
    forget(files)
    target = data_dir / f"clip-{number}.mp4"
    command = (sys.executable, "-m", "bench.cut_child", str(data_dir), str(MINUTES), str(target))
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    forget(files)
    began_s = time.monotonic()
    copy = data_dir / "copy.mp4"
    subprocess.run(f"cat {' '.join(str(path) for path in files)} > {copy} && sync {copy}", shell=True, check=True)
    told["cp_s"] = time.monotonic() - began_s
    copy.unlink()
    target.unlink()
    return told


def forget(files: list[Path]) -> None:
    """Ask the system to drop what it has cached of them."""
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
