"""One camera as a set of workers: capture (one thread per source) and vision."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.app.attend import Attending
from agent.app.parked import ParkedFile
from agent.app.states import StateTeller
from agent.app.vision import VisionDoors, VisionJob
from agent.backoff import Backoff
from agent.capture.attention import Attention
from agent.capture.isolated.aside import Aside
from agent.capture.job import CaptureJob
from agent.capture.mailbox import LatestFrame
from agent.capture.source import SourcePlan, plan_sources
from agent.capture.stats import CaptureStats
from agent.clock import Clock, Moment
from agent.config.camera import CameraSection
from agent.config.model import Config
from agent.config.secrets import read_secret
from agent.contract.messages import StateMessage
from agent.detection.budget import Budget
from agent.detection.detector import Detector
from agent.motion import MotionDetector
from agent.pipeline import Analysis, build
from agent.values import Event, Frame, Packet
from agent.worker import Reporter, Worker


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all cameras of a node share, and where they put what they make."""

    clock: Clock
    reporter: Reporter
    config: Config
    detector: Detector | None
    new_id: Callable[[Moment], str]
    packets: Callable[[Sequence[Packet]], None]
    seen: Callable[[Analysis, Frame], None]
    ended: Callable[[tuple[Event, ...]], None]
    states: Callable[[StateMessage], None]
    aside: Aside | None = None  # children that hold cameras
    budget: Budget | None = None  # of inferences, for all cameras; None: each camera has one of its own
    frames: Callable[[Frame], None] | None = None  # beside vision; must not block
    paused: Callable[[], bool] = lambda: False  # then no frame goes further


@dataclass(frozen=True, slots=True)
class Camera:
    """The workers of one camera and its numbers."""

    id: str
    stats: CaptureStats
    capture: tuple[Worker, ...]
    vision: Worker
    attention: Attention


def password_of(section: CameraSection) -> Callable[[], str] | None:
    """How to read the camera's password each time it is opened. Raises ConfigError when it cannot be read now."""
    path = section.password_file
    if path is None:
        return None
    read_secret(path)
    return lambda: read_secret(path).reveal()


def make_camera(section: CameraSection, around: Surroundings) -> Camera:
    """Nothing is opened yet. Raises ConfigError when the camera's password cannot be read."""
    stats = CaptureStats(section.id, around.clock)
    inbox = LatestFrame(stats.dropped)
    attention = Attention(section.idle, MotionDetector().update)
    teller = StateTeller(section.id, around.states)
    parked = ParkedFile(around.config.node.data_dir / "parked" / f"{section.id}.json")
    secret = password_of(section)

    def frames(frame: Frame) -> None:
        if around.paused():
            return
        inbox.put(frame)
        if around.frames is not None:
            around.frames(frame)

    def capture(plan: SourcePlan) -> Worker:
        def make(stop: threading.Event) -> CaptureJob:
            return CaptureJob(plan, stop, around.packets, frames, stats)

        # A camera that was unplugged for a second must not be away for two minutes.
        return Worker(
            plan.name, make, around.reporter, Backoff(cap_s=8.0, healthy_s=10.0, rng=random.Random()), around.clock
        )

    def vision(stop: threading.Event) -> VisionJob:
        stats.vision("objects" if around.detector else "motion_only")
        pipeline = build(around.config, section, around.detector, around.new_id, around.budget)
        pipeline.tracker.restore(parked.load())

        attending = Attending(attention, section, has_model=around.detector is not None)

        def seen(analysis: Analysis, frame: Frame) -> None:
            attending.tell(analysis)
            around.seen(analysis, frame)
            teller.tell(pipeline.states(), frame.at)
            if parked.due(frame.at, pipeline.tracker.next_id):
                parked.keep(frame.at, pipeline.tracker.remembered())

        def stopped() -> None:
            parked.close(pipeline.tracker.remembered())

        doors = VisionDoors(inbox, stats, attention, seen, around.ended, section.timeout, stopped, around.paused)
        return VisionJob(pipeline, doors, around.clock)

    looking = Worker(f"vision-{section.id}", vision, around.reporter, Backoff(cap_s=30.0), around.clock)
    looking.wake = inbox.wake
    return Camera(
        id=section.id,
        stats=stats,
        capture=tuple(capture(plan) for plan in plan_sources(section, around.clock, secret, attention, around.aside)),
        vision=looking,
        attention=attention,
    )
