"""A camera that hangs takes nothing from the one beside it: counted by the numbers in the stored pictures."""

import random
import signal
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from agent.backoff import Backoff
from agent.capture.job import CaptureJob
from agent.capture.source import plan_sources
from agent.capture.stats import CaptureStats
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.model import FootageSection
from agent.errors import AgentError
from agent.footage.jobs import FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.values import Packet
from agent.worker import Worker
from deploy.stand_in.camera import RtspCamera
from tests.capture.videos import Recipe, drawn, encode
from tests.footage.recording import look, moment

pytestmark = pytest.mark.real
NUMBERS = 50
PATIENCE_S = 60.0


class Faults:
    """Who failed, and a flag for each who did."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []
        self.failed = threading.Event()

    def raised(self, source: str, error: AgentError) -> None:
        self.codes.append((source, error.code))
        self.failed.set()

    def cleared(self, source: str) -> None:
        pass


@pytest.fixture
def two(gstreamer: None, tmp_path: Path) -> Iterator[tuple[RtspCamera, RtspCamera]]:
    numbered = encode(drawn(NUMBERS), tmp_path / "numbered.h264", Recipe(gop=10, container="h264"))
    with RtspCamera("--file", str(numbered), "--fps", "30") as well, RtspCamera() as other:
        yield well, other


def test_the_other_camera_loses_no_picture(two: tuple[RtspCamera, RtspCamera], tmp_path: Path) -> None:
    well, dying = two
    clock, faults, queue = Clock(), Faults(), PacketQueue()
    store = Footage(tmp_path, FootageSection.model_validate({"segment": "1s", "keep_free": "0B"}), 30, clock)
    came = {"well": 0, "dying": 0}
    enough, both = threading.Event(), threading.Event()

    def worker(name: str, camera: RtspCamera) -> Worker:
        section = CameraSection.model_validate({"id": name, "source": camera.address(), "timeout": "1s"})
        (plan,) = plan_sources(section, clock, None)
        stats = CaptureStats(name, clock)

        def make(stop: threading.Event) -> CaptureJob:
            return CaptureJob(plan, stop, lambda packets: took(name, packets), lambda frame: None, stats)

        return Worker(plan.name, make, faults, Backoff(cap_s=1.0, rng=random.Random(1)), clock)

    def took(name: str, packets: Sequence[Packet]) -> None:
        queue.put(packets)
        came[name] += len(packets)
        if min(came.values()) >= 10:
            both.set()
        if faults.failed.is_set() and came["well"] >= 200:
            enough.set()

    workers = [worker("well", well), worker("dying", dying)]
    writing = Worker("footage", lambda stop: FootageJob(store, queue, clock), faults, Backoff(), clock)
    for one in (writing, *workers):
        one.start()
    assert both.wait(PATIENCE_S)
    dying.process.send_signal(signal.SIGSTOP)
    assert enough.wait(PATIENCE_S)
    dying.process.send_signal(signal.SIGCONT)
    for one in (*workers, writing):
        one.stop()
        assert one.join(PATIENCE_S)
    while (left := queue.get(0.0)) is not None:
        store.write(left.packet, left.lost)
    store.close()

    store = Footage(tmp_path, FootageSection.model_validate({"segment": "1s", "keep_free": "0B"}), 30, clock)
    now = clock.now()
    found = store.library.find("well", moment(0, now.boot_id), moment(now.mono_s + 60, now.boot_id))
    numbers = [number for segment in found for number in look(segment.path).numbers]
    store.close()
    assert len(numbers) == came["well"] >= 200
    assert all((after - before) % NUMBERS == 1 for before, after in pairwise(numbers))
    assert {source for source, _ in faults.codes} == {"capture-dying"}
    assert ("capture-dying", "camera_silent") in faults.codes
