"""The whole agent, recording, beside Debian's `motion`, recording too: who takes how much of the processor.

Both read the same stream of the same stand-in camera in the same seconds; compared is the CPU time of each with all of
its children. `motion` keeps what comes (passthrough), as the agent does.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from agent.errors import AgentError
from bench.camera_like import FPS, Size
from bench.live import Node
from bench.truth import Absent
from deploy.assets import ssd_model
from deploy.debian import unpack_debian
from deploy.fetch import cache_dir
from deploy.stand_in.camera import MISSING, RtspCamera, has_gstreamer

MOTION = """\
daemon off
setup_mode off
log_level 4
target_dir {directory}
netcam_url {address}
netcam_params rtsp_transport=tcp
width {width}
height {height}
framerate 15
emulate_motion {always}
movie_output on
movie_passthrough on
picture_output off
webcontrol_port 0
stream_port 0
"""


@dataclass(frozen=True)
class Course:
    """How long both run before the measured stretch, how long that is, and whether `motion` always records.

    Else it records while it sees motion and a minute after, its default, and analyses less while it sees none.
    """

    warm_up_s: float
    seconds: float
    always: bool


@dataclass(frozen=True)
class Pair:
    """CPU seconds per minute of one size, and how much each side kept."""

    size: Size
    agent_s: float
    motion_s: float
    agent_bytes: int
    motion_bytes: int

    @property
    def ratio(self) -> float:
        """The agent's share of what `motion` takes."""
        return self.agent_s / self.motion_s


def measured(
    streams: Sequence[tuple[Size, Path]], course: Course, meanwhile: Callable[[], None] = lambda: None
) -> list[Pair]:
    """All sizes and both programs at once: the machine is the same to all. Raises Absent when one cannot run.

    `meanwhile` is done in a thread of this process, which is not counted.
    """
    if not has_gstreamer():
        raise Absent(MISSING)
    motion = find_motion()
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rows = []
        for size, stream in streams:
            camera = stack.enter_context(RtspCamera("--file", str(stream), "--fps", str(FPS)))
            folders = work / f"agent-{size.name}", work / f"motion-{size.name}"
            for folder in folders:
                folder.mkdir()
            node = Node(agent_config(folders[0], camera.address()), folders[0] / "log")
            stack.callback(node.stop)
            peer = start_motion(motion, folders[1], settings(folders[1], camera.address(), size, always=course.always))
            stack.callback(peer.wait)
            stack.callback(peer.terminate)
            rows.append((size, psutil.Process(node.process.pid), psutil.Process(peer.pid), folders))
        reading = stack.enter_context(ThreadPoolExecutor(1)).submit(meanwhile)
        time.sleep(course.warm_up_s)
        before = [(cpu_s(agent), cpu_s(peer)) for _, agent, peer, _ in rows]
        started_s = time.monotonic()
        time.sleep(course.seconds)
        after = [(cpu_s(agent), cpu_s(peer)) for _, agent, peer, _ in rows]
        minutes = (time.monotonic() - started_s) / 60
        pairs = [
            Pair(size, (new[0] - old[0]) / minutes, (new[1] - old[1]) / minutes, kept(folders[0]), kept(folders[1]))
            for (size, _, _, folders), old, new in zip(rows, before, after, strict=True)
        ]
        for _, agent, other, _ in rows:  # all at once; then each is waited for
            agent.terminate()
            other.terminate()
        reading.result()
        return pairs


def cpu_s(process: psutil.Process) -> float:
    """User and system time of a process and of all that it started and that still runs. Raises Absent when it ended."""
    try:
        everyone = [process, *process.children(recursive=True)]
        return sum(times.user + times.system for times in (one.cpu_times() for one in everyone))
    except psutil.Error as error:
        raise Absent(f"a program ended before its time: {error}") from error


def kept(folder: Path) -> int:
    """Bytes of video below `folder`: a program that records nothing would be cheap."""
    videos = sum(file.stat().st_size for file in folder.rglob("*") if file.suffix in (".mp4", ".mkv"))
    if not videos:
        raise Absent(f"{folder.name} kept no video: {(folder / 'log').read_text(encoding='utf-8')[-400:]}")
    return videos


def agent_config(folder: Path, address: str) -> Path:
    """A node with the model and one rule; the ward's broker is not there, as on a line that is down."""
    tree = {
        "node": {"ward": "bench", "id": "node-1", "data_dir": str(folder / "data")},
        "mqtt": {"url": "mqtt://127.0.0.1:9"},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [
            {
                "id": "gate",
                "source": address,
                "zones": {"road": [[0.0, 0.2], [1.0, 0.2], [1.0, 1.0], [0.0, 1.0]]},
                "rules": [{"rule": "intrusion", "zone": "road"}],
            }
        ],
        "detection": {"model": str(ssd_model())},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path


def settings(folder: Path, address: str, size: Size, *, always: bool) -> str:
    """Of `motion`."""
    values = {"directory": folder, "address": address, "width": size.width, "height": size.height}
    return MOTION.format(**values, always="on" if always else "off")


def start_motion(program: Path, folder: Path, text: str) -> "subprocess.Popen[bytes]":
    """With these settings."""
    path = folder / "motion.conf"
    path.write_text(text, encoding="utf-8")
    libraries = (
        sorted({str(file.parent) for file in program.parents[2].rglob("*.so.*")})
        if shutil.which("motion") is None
        else []
    )
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            (str(program), "-c", str(path)),
            stdout=log,
            stderr=log,
            env={**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)},
        )


def find_motion() -> Path:
    """Installed, else unpacked into the cache without installing. Raises Absent."""
    found = shutil.which("motion")
    if found:
        return Path(found)
    target = cache_dir() / "motion"
    program = target / "usr/bin/motion"
    if not program.exists():
        try:
            unpack_debian(["motion"], target)
        except (AgentError, OSError) as error:
            raise Absent(f"no motion to compare with: {error}") from error
    return program


def told(pairs: Sequence[Pair]) -> dict[str, float]:
    """The table, and its figures."""
    print("size    agent CPU s/min  motion CPU s/min  ratio   kept by agent, motion (kB)")
    figures: dict[str, float] = {}
    for pair in pairs:
        print(f"{pair.size.name:<7} {pair.agent_s:>15.2f} {pair.motion_s:>17.2f} {pair.ratio:>6.3f}", end="")
        print(f" {pair.agent_bytes // 1000:>15}, {pair.motion_bytes // 1000}")
        figures[f"ratio_{pair.size.name}"] = round(pair.ratio, 3)
        figures[f"agent_cpu_s_per_min_{pair.size.name}"] = round(pair.agent_s, 2)
        figures[f"motion_cpu_s_per_min_{pair.size.name}"] = round(pair.motion_s, 2)
    return figures
