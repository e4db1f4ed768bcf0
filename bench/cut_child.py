"""Plans and cuts a range in a process of its own, with a manifest, and tells as JSON what that took.

Usage: python -m bench.cut_child DATA_DIR MINUTES TARGET. What any cut needs is loaded and used before, on one segment.
"""

import json
import sys
import time
from pathlib import Path

from agent.clock import Clock, Moment
from agent.config.storage import FootageSection
from agent.evidence.notary import Signer, begin_notary
from agent.footage.library import Library
from agent.footage.reading import open_library
from agent.values import Clip, ClipWanted, Used
from bench.cut_ring import BOOT, CAM, START_S, WALL_NS

NS = 10**9


def main(data_dir: Path, minutes: float, target: Path) -> None:
    """Open, plan, cut."""
    clock = Clock()
    notary = begin_notary(data_dir / "evidence", Signer("ward", "node", clock))
    proving_s = [0.0]

    def prove(clip: Clip, used: tuple[Used, ...]) -> Clip:
        began_s = time.monotonic()
        proved = notary.prove(clip, used)
        proving_s[0] = time.monotonic() - began_s
        return proved

    began_s = time.monotonic()
    with open_library(data_dir / "footage", FootageSection(), clock, prove) as library:
        open_s = time.monotonic() - began_s
        take(library, 5.0, target)
        before_kb = status("VmRSS")
        began_s = time.monotonic()
        found = library.plan(CAM, at(0.0), at(minutes * 60))
        plan_s = time.monotonic() - began_s
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        clip = take(library, minutes * 60, target)
        cut_s, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
    figures = {
        "open_s": open_s,
        "plan_s": plan_s,
        "cut_s": cut_s,
        "cpu_s": cpu_s,
        "manifest_s": proving_s[0],
        "extra_mb": (max(status("VmHWM"), status("VmRSS")) - before_kb) / 1024,
        "bytes": clip.bytes,
        "coverage_s": found.coverage_s,
        "gaps": len(clip.gaps),
        "manifest_bytes": clip.manifest.stat().st_size if clip.manifest else 0,
    }
    print(json.dumps(figures))


def take(library: Library, seconds: float, target: Path) -> Clip:
    """A cut from the beginning."""
    clip = library.cut(ClipWanted("bench", CAM, at(0.0), at(seconds), at(seconds)), target)
    assert clip is not None
    return clip


def at(seconds: float) -> Moment:
    """So long after the first picture."""
    mono_ns = round((START_S + seconds) * NS)
    return Moment(mono_ns, WALL_NS + mono_ns, True, BOOT)


def status(field: str) -> int:
    """A line of /proc/self/status in kB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split(f"{field}:")[1].split()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
