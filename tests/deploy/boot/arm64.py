"""The same bundle on two processors: installed offline, shown the same street, compared event by event.

`python -m tests.deploy.boot.arm64 [SECONDS]` (make test-arm64): root, mmdebstrap and qemu-user (binfmt) are needed. An
emulated processor takes some 10 s for a look of the detector, so the piece of video is short.
"""

import json
import platform
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import av

from deploy.assets import street_video
from deploy.bundle.build import Order, build_bundle
from deploy.bundle.target import Arch, Target
from deploy.demo.config import Places, Scene, demo_config
from deploy.fetch import cache_dir, sha256_of, workspace
from tests.deploy.boot.roots import BARE, Root, is_root, missing_tools, unpack, within
from tests.deploy.boot.same import Told, differences, told_by

PYTHON = "3.13"
SECONDS = 4.0
PLACES = Places(
    data_dir=Path("/tmp/replay/data"),
    mqtt_url="mqtt://127.0.0.1:1883",
    upload_url="http://127.0.0.1:1080/files",
    model=Path("/usr/share/camera-agent/ssdlite.onnx"),
    page_port=8080,
)
VERSIONS = (
    "import sys, platform, av, cv2, numpy, onnxruntime; from importlib.metadata import version as v; "
    "print(platform.machine(), sys.version.split()[0], av.__version__, cv2.__version__, numpy.__version__, "
    "onnxruntime.__version__)"
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one processor did. Times in seconds."""

    arch: str
    versions: str
    bundle_sha256: str
    install_s: float
    replay_s: float
    inferences: int
    events: tuple[Told, ...]


def main(arguments: list[str]) -> int:
    """0 when both told the same; prints the page docs/reference/arm64.md is made of."""
    lacking = missing_tools("qemu-aarch64-static")
    if lacking or not is_root():
        sys.stderr.write(f"needs root and: {' '.join(lacking) or '-'} (apt install mmdebstrap qemu-user-static)\n")
        return 2
    seconds = float(arguments[0]) if arguments else SECONDS
    with workspace("arm64") as work:
        piece = cut(street_video().path, work / "street.mp4", seconds)
        runs = [one(arch, piece, work / arch) for arch in ("x86_64", "aarch64")]
    wrong = differences(runs[0].events, runs[1].events)
    sys.stdout.write(page(runs, wrong, seconds))
    return int(bool(wrong))


def one(arch: Arch, piece: Path, folder: Path) -> Run:
    """Install and replay in a fresh root of this processor. Raises AssertionError with what it said."""
    target = Target(arch, PYTHON)
    bundle = build_bundle(Order(target, cache_dir() / "bundle"))
    root = folder / "root"
    unpack(Root(target.debian, BARE), root)
    inside = root / "tmp/replay"
    inside.mkdir()
    for path in (bundle, piece, Path(__file__).parents[3] / "deploy/first_boot/place.py"):
        shutil.copy(path, inside)
    (inside / "config.yaml").write_text(demo_config(Scene("/tmp/replay/street.mp4", False, True), PLACES, "en"))
    install_s = _timed(root, "python3", "-I", "/tmp/replay/place.py", f"/tmp/replay/{bundle.name}")
    program = "/opt/camera-agent/current/bin/camera-agent"
    options = ("--config", "/tmp/replay/config.yaml", "--out", "/tmp/replay/out")
    replay_s = _timed(root, program, "replay", "/tmp/replay/street.mp4", *options)
    said = within(root, "/opt/camera-agent/current/bin/python", "-I", "-c", VERSIONS)
    summary = json.loads((inside / "out/summary.json").read_text())
    events = told_by((inside / "out/events.jsonl").read_text())
    versions = said.stdout.strip().splitlines()[-1]
    done = Run(arch, versions, sha256_of(bundle), install_s, replay_s, summary["inferences"], events)
    sys.stderr.write(f"{arch}: installed in {install_s:.0f} s, replayed in {replay_s:.0f} s, {len(events)} events\n")
    return done


def cut(video: Path, out: Path, seconds: float) -> Path:
    """The first pictures of a video, as they were encoded."""
    with av.open(str(video)) as source, av.open(str(out), "w") as target:
        stream = source.streams.video[0]
        copied = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None and packet.pts is not None and packet.pts * (stream.time_base or 1) < seconds:
                packet.stream = copied
                target.mux(packet)
    return out


def page(runs: list[Run], wrong: tuple[str, ...], seconds: float) -> str:
    """Markdown: both runs, and both tables of events side by side."""
    lines = [f"Street video, first {seconds:g} s; host {platform.machine()}, {time.strftime('%Y-%m-%d')}.", ""]
    lines += ["| | " + " | ".join(run.arch for run in runs) + " |", "|---|---|---|"]
    for name, values in {
        "machine, Python, PyAV, OpenCV, NumPy, ONNX Runtime": [run.versions for run in runs],
        "bundle, sha256": [f"`{run.bundle_sha256[:16]}…`" for run in runs],
        "installed offline in": [f"{run.install_s:.0f} s" for run in runs],
        "replayed in": [f"{run.replay_s:.0f} s" for run in runs],
        "looks of the detector": [str(run.inferences) for run in runs],
        "events": [str(len(run.events)) for run in runs],
    }.items():
        lines.append(f"| {name} | {' | '.join(values)} |")
    lines += ["", "| x86_64 | aarch64 |", "|---|---|"]
    for left, right in zip(*(run.events for run in runs), strict=False):
        lines.append(f"| {left} | {right} |")
    lines += ["", "Same events." if not wrong else "Different: " + "; ".join(wrong), ""]
    return "\n".join(lines)


def _timed(root: Path, *command: str) -> float:
    began = time.monotonic()
    done = within(root, *command, limit_s=7200)
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}"
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
