"""A network camera that goes wrong at random, over and over, and a real node that must bear it: 30 minutes, 60 faults.

Everything is judged from outside: the process by its memory, threads and descriptors; what health tells of the gaps,
by the pictures that the stored segments really hold.
"""

import itertools
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.live import Node, wait_for
from bench.truth import Absent
from bench.watched import Watch, covered_s, films
from deploy.stand_in.camera import MISSING, RtspCamera, has_gstreamer
from deploy.stand_in.line import RtspLine
from deploy.ward import Ward, WardOptions

SEED = 20261122
WORKER = "capture-gate"
SIZES = ("320 240", "640 360")
CODECS = ("h265", "h264")


@dataclass(frozen=True)
class Plan:
    """How long, how often, and how patient the camera's reader is."""

    seconds: float
    every_s: float
    ill_s: tuple[float, float]  # how long a fault lasts, where it lasts
    timeout: str
    segment: str
    warm_up_s: float


LONG = Plan(1800.0, 30.0, (9.0, 16.0), "8s", "10s", 180.0)
QUICK = Plan(33.0, 4.0, (2.5, 3.0), "2s", "2s", 8.0)


@dataclass(frozen=True)
class Fault:
    """What was done, when it was noticed, and when pictures came again (None: never in this time)."""

    kind: str
    seen_s: float | None  # from its begin
    restart_s: float | None  # from its end on, or from its begin where new connections work at once

    def line(self) -> str:
        """For people."""
        seen, restart = (f"{value:6.1f}" if value is not None else "     -" for value in (self.seen_s, self.restart_s))
        return f"{self.kind:<10} {seen} {restart}"


class Scene:
    """The camera, the line to it, and every way in which they go wrong."""

    def __init__(self, camera: RtspCamera, line: RtspLine, chance: random.Random, plan: Plan) -> None:
        self._camera, self._line, self._chance, self._plan = camera, line, chance, plan
        self._sizes, self._codecs = itertools.cycle(SIZES), itertools.cycle(CODECS)
        self.kinds: dict[str, Callable[[], None]] = {
            "stall": lambda: self._ill(self._freeze, self._thaw),
            "drop": lambda: camera.tell("drop"),
            "restart": lambda: self._ill(camera.kill, camera.restart),
            "codec": lambda: camera.tell(f"codec {next(self._codecs)}"),
            "size": lambda: camera.tell(f"size {next(self._sizes)}"),
            "refused": lambda: self._ill(lambda: camera.tell("auth on"), lambda: camera.tell("auth off")),
            "path": lambda: self._ill(lambda: camera.tell("path off"), lambda: camera.tell("path on")),
            "garbage": lambda: self._ill(lambda: self._noise(True), lambda: self._noise(False)),
            "stamps": self._stamps_back,
            "half_open": line.half_open,
        }

    def order(self) -> Iterator[str]:
        """Every kind once, then all over again, each time in another order."""
        while True:
            kinds = sorted(self.kinds)
            self._chance.shuffle(kinds)
            yield from kinds

    def _ill(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        begin()
        time.sleep(self._chance.uniform(*self._plan.ill_s))
        end()

    def _freeze(self) -> None:
        self._camera.process.send_signal(signal.SIGSTOP)

    def _thaw(self) -> None:
        self._camera.process.send_signal(signal.SIGCONT)

    def _noise(self, on: bool) -> None:
        self._line.garbage = on

    def _stamps_back(self) -> None:
        self._line.shift -= round(90_000 * self._chance.uniform(30, 3000))


def run(quick: bool) -> dict[str, Any]:
    """60 faults in half an hour (quick: some, in half a minute)."""
    if not has_gstreamer():
        raise Absent(MISSING)
    plan = QUICK if quick else LONG
    print(f"seed {SEED}, a fault every {plan.every_s:.0f} s; status is told every 5 s, so times may be 5 s too long")
    with (
        tempfile.TemporaryDirectory() as name,
        Ward.start(Path(name) / "ward", WardOptions()) as ward,
        RtspCamera() as camera,
        RtspLine(camera.port) as line,
    ):
        directory = Path(name)
        config = write_config(directory, ward.mqtt_url, line, plan)
        node = Node(config, directory / "agent.log")
        watch = Watch(node.process.pid, directory / "status-soak.json", directory / "agent.log")
        watch.start()
        try:
            if not wait_for(lambda: watch.camera().get("state") == "ok", 30):
                raise SystemExit((directory / "agent.log").read_text(encoding="utf-8"))
            faults = torment(Scene(camera, line, random.Random(SEED), plan), watch, plan)
            wait_for(lambda: watch.camera().get("state") == "ok", 30)
        finally:
            watch.end()
            node.stop()
        return figures(faults, watch, directory / "data" / "footage" / "gate", plan)


def torment(scene: Scene, watch: Watch, plan: Plan) -> list[Fault]:
    """One fault after another until the time is over."""
    faults: list[Fault] = []
    begun_s = time.monotonic()
    print("fault      seen s  pictures again s")
    for number, kind in enumerate(scene.order()):
        due_s = begun_s + number * plan.every_s
        if due_s - begun_s >= plan.seconds or time.monotonic() - begun_s >= plan.seconds:
            return faults
        time.sleep(max(0.0, due_s - time.monotonic()))
        faults.append(one(kind, scene.kinds[kind], watch, max(plan.every_s, 12.0)))
        print(faults[-1].line(), flush=True)
    return faults


def one(kind: str, happen: Callable[[], None], watch: Watch, patience_s: float) -> Fault:
    """Let it happen, and wait until pictures come again."""
    troubles = watch.troubles(WORKER)
    begun_s = time.monotonic()
    seen: list[float] = []

    def noticed() -> bool:
        if not seen and watch.troubles(WORKER) > troubles:
            seen.append(time.monotonic() - begun_s)
        return bool(seen)

    happening = threading.Thread(target=happen)
    happening.start()
    wait_for(lambda: noticed() or not happening.is_alive(), patience_s)
    happening.join()
    healed_s = time.monotonic()
    lasting = kind not in ("size", "stamps")
    if lasting:
        wait_for(noticed, 12.0)
    broken_s = max(healed_s, begun_s + seen[0]) if seen else healed_s
    again = wait_for(lambda: watch.pictures_after(broken_s), 30)
    restart_s = time.monotonic() - healed_s if again else None
    return Fault(kind, seen[0] if seen else None, restart_s)


def figures(faults: list[Fault], watch: Watch, folder: Path, plan: Plan) -> dict[str, Any]:
    """What came of it."""
    found = films(folder)
    last = watch.reports[-1]
    told = last["health"]["cams"][0]
    end_s = float(last["mono_s"])
    parts = [part for film in found for part in film.stretches]
    covered = covered_s(parts, end_s - told["expected_s"], end_s)
    real_error_s = abs(told["expected_s"] - covered - told["gap_s"])
    unplayable = [film.path.name for film in found if not film.stretches]
    causes = sorted({gap["cause"] for report in watch.reports for gap in report["health"]["cams"][0].get("gaps", ())})
    seen = [fault.seen_s for fault in faults if fault.seen_s is not None]
    restarts = [fault.restart_s for fault in faults if fault.restart_s is not None]
    print(f"expected {told['expected_s']:.1f} s, recorded {told['recorded_s']:.1f} s, gaps {told['gap_s']:.1f} s")
    print(f"in {len(found)} segments {covered:.1f} s; {sum(film.damaged for film in found)} packets do not decode")
    print(f"causes: {', '.join(causes)}")
    print("growth: median of the last fifth less median of the first fifth, after the warm-up")
    return {
        "faults": len(faults),
        "never_again": sum(fault.restart_s is None for fault in faults),
        "rss_growth_mb": round(watch.growth(lambda sample: sample.rss_mb, plan.warm_up_s), 1),
        "fd_growth": round(watch.growth(lambda sample: sample.fds, plan.warm_up_s)),
        "thread_growth": round(watch.growth(lambda sample: sample.threads, plan.warm_up_s)),
        "gap_error_s": round(max(watch.balance_s(), real_error_s), 2),
        "gap_error_told_s": round(watch.balance_s(), 2),
        "gap_error_footage_s": round(real_error_s, 2),
        "unplayable": len(unplayable),
        "worst_seen_s": round(max(seen, default=0.0), 1),
        "worst_restart_s": round(max(restarts, default=0.0), 1),
    }


def write_config(directory: Path, mqtt_url: str, line: RtspLine, plan: Plan) -> Path:
    """A node with one network camera, main and sub stream by way of the line; no model, which is not at stake here."""
    tree: dict[str, Any] = {
        "node": {"ward": "bench", "id": "soak", "data_dir": str(directory / "data")},
        "mqtt": {"url": mqtt_url},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [
            {"id": "gate", "source": line.address(), "sub": line.address("sub"), "timeout": plan.timeout},
        ],
        "footage": {"segment": plan.segment},
        "health": {"interval": "5s"},
    }
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path
