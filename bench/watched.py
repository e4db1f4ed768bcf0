"""A running node watched from outside: its memory, threads, descriptors, what it tells, what its footage holds."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import psutil

from agent.clock import NS
from agent.footage.mux import Opened
from agent.footage.stored import DONE, parse_label

EVERY_S = 0.25
IN_FLIGHT_S = 3.5  # a gap is said to be open after three seconds
PAUSE_S = 1.0  # two pictures of a file further apart than this have a hole between them


@dataclass(frozen=True)
class Sample:
    """One look at the process."""

    at_s: float
    rss_mb: float
    fds: int
    threads: int


@dataclass
class Watch:
    """Looks at a process and its status file in a thread of its own, from `start` to `end`."""

    pid: int
    status: Path
    log: Path
    samples: list[Sample] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)  # each as told, once

    def start(self) -> None:
        """Begin."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """The last look is over when this returns."""
        self._over.set()
        self._thread.join()

    def camera(self) -> dict[str, Any]:
        """The only camera, as told last; empty before the first report."""
        cams = self.reports[-1]["health"]["cams"] if self.reports else []
        return dict(cams[0]) if cams else {}

    def pictures_after(self, at_s: float) -> bool:
        """Whether the camera is well and has given a picture since then."""
        camera = self.camera()
        age_s = camera.get("frame_age_s")
        return camera.get("state") == "ok" and age_s is not None and self.reports[-1]["mono_s"] - age_s > at_s

    def troubles(self, worker: str) -> int:
        """How often a worker has failed so far, by the log."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(f"{worker}: ")

    def balance_s(self) -> float:
        """The largest |expected - recorded - gaps| of all that was told, less what was in flight."""
        cams = [cam for report in self.reports for cam in report["health"]["cams"] if "gap_s" in cam]
        return max((unaccounted_s(cam) for cam in cams), default=0.0)

    def growth(self, value: Callable[[Sample], float], warm_up_s: float) -> float:
        """Median of the last fifth less median of the first fifth, after the warm-up."""
        begin_s = self.samples[0].at_s + warm_up_s
        values = [value(sample) for sample in self.samples if sample.at_s >= begin_s]
        fifth = max(1, len(values) // 5)
        return statistics.median(values[-fifth:]) - statistics.median(values[:fifth]) if values else 0.0

    def _look(self) -> None:
        process = psutil.Process(self.pid)
        while not self._over.wait(EVERY_S):
            try:
                rss_mb = process.memory_info().rss / 1e6
                self.samples.append(Sample(time.monotonic(), rss_mb, process.num_fds(), process.num_threads()))
                report = json.loads(self.status.read_bytes())
            except (OSError, ValueError, psutil.Error):
                continue
            if not self.reports or report["mono_s"] > self.reports[-1]["mono_s"]:
                self.reports.append(report)


def unaccounted_s(camera: dict[str, Any]) -> float:
    """Of one camera's health: time that is neither recorded nor in a gap, nor since the newest picture."""
    open_s = abs(camera["expected_s"] - camera["recorded_s"] - camera["gap_s"])
    age_s = camera.get("frame_age_s", 0.0)
    return float(max(0.0, open_s - age_s if age_s < IN_FLIGHT_S else open_s))


@dataclass(frozen=True)
class Film:
    """What one finished segment really holds: stretches of pictures, in monotonic seconds."""

    path: Path
    stretches: tuple[tuple[float, float], ...]  # none: it does not play
    damaged: int  # packets that did not decode


def films(folder: Path) -> list[Film]:
    """Every finished segment of a camera, opened and decoded to its end."""
    return [film(path) for path in sorted(folder.glob(f"*{DONE}"))]


def film(path: Path) -> Film:
    """Decode one segment."""
    times: list[float] = []
    damaged = 0
    try:
        with Opened(path) as opened:
            label = parse_label(opened.comment)
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for packet in container.demux(stream):
                try:
                    times += [picture.time for picture in packet.decode() if picture.time is not None]
                except av.FFmpegError:
                    damaged += 1
    except (av.FFmpegError, OSError):
        return Film(path, (), damaged)
    if label is None or not times:
        return Film(path, (), damaged)
    return Film(path, stretches(sorted(times), label.start.mono_ns / NS), damaged)


def stretches(times: Sequence[float], start_s: float) -> tuple[tuple[float, float], ...]:
    """From the times of pictures; each is shown until the next one, the last for a usual step."""
    steps = sorted(after - before for before, after in pairwise(times))
    usual_s = steps[len(steps) // 2] if steps else 0.04
    found = [[times[0], times[0] + usual_s]]
    for at_s in times[1:]:
        if at_s - found[-1][1] > PAUSE_S:
            found.append([at_s, at_s + usual_s])
        found[-1][1] = at_s + usual_s
    return tuple((start_s + begin_s - times[0], start_s + end_s - times[0]) for begin_s, end_s in found)


def covered_s(parts: Sequence[tuple[float, float]], begin_s: float, end_s: float) -> float:
    """How much of begin..end lies in at least one of `parts`."""
    total_s, reached_s = 0.0, begin_s
    for from_s, to_s in sorted(parts):
        total_s += max(0.0, min(to_s, end_s) - max(from_s, reached_s))
        reached_s = max(reached_s, to_s)
    return total_s
