"""End to end on cars that drive through a car park: the agent with detector and recording beside Debian's `motion`.

What both take is counted live, on the same stream of the same stand-in camera, over whole loops of the clip with its
natural gaps. `motion` records all that comes, by passthrough, as the agent does.

The table of stages tells where the agent's share goes: the same stream is then read once more in this process, by the
agent's own parts, and the CPU time of this thread is taken around each. What the live node took beyond that is
`rest`: the network, handing frames from thread to thread, broker, health and Python itself. It is less than nothing
when the live node idled more than the reading did.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import av

from agent.app.attend import Attending
from agent.capture.attention import Attention
from agent.capture.encoder import AvPacket
from agent.capture.stream import Reading, StreamReader, Wants, time_base_of
from agent.clock import MediaClock, Moment
from agent.config.load import load_config
from agent.detection.detector import Detector
from agent.footage.store import Footage
from agent.motion import MotionDetector
from agent.pipeline import Pipeline, build, load_eyes
from agent.values import Box, Detection, Frame, Motion, Packet, Small
from bench.beside_motion import Course, Pair, agent_config, measured, told
from bench.camera_like import FPS, SIZES
from bench.carpark import carpark_stream, stream_seconds

WARM_UP_S = 120.0  # the agent has learnt the empty scene, and where it looks in vain
QUICK_WARM_UP_S = 8.0  # it has started, and knows the empty scene


@dataclass
class Stages:
    """CPU seconds per minute of video."""

    decode: float = 0.0  # with demuxing, and choosing what is decoded
    motion: float = 0.0  # in capture, for what is decoded, and in vision
    inference: float = 0.0  # with cropping and resizing
    track: float = 0.0  # and regions, view, changes and rules
    mux: float = 0.0
    rest: float = 0.0


def run(quick: bool) -> dict[str, Any]:
    """Both sizes at once. The quick run is one loop of the clip by a node that has just started, the other is four."""
    streams = [(size, carpark_stream(size)) for size in SIZES]
    loop_s = stream_seconds(streams[0][1])
    course = Course(QUICK_WARM_UP_S, loop_s, always=True) if quick else Course(WARM_UP_S, 4 * loop_s, always=True)
    pairs = measured(streams, course)
    figures: dict[str, Any] = dict(told(pairs))
    tables = {pair.size.name: stages_of(pair, stream, course) for pair, (_, stream) in zip(pairs, streams, strict=True)}
    names = [one.name for one in fields(Stages)]
    print("\nagent, CPU s/min" + "".join(f"{name:>11}" for name in names))
    for size, table in tables.items():
        print(f"{size:<16}" + "".join(f"{getattr(table, name):>11.2f}" for name in names))
    figures["stages"] = {
        size: {name: round(getattr(table, name), 3) for name in names} for size, table in tables.items()
    }
    return figures


def stages_of(pair: Pair, stream: Path, course: Course) -> Stages:
    """By reading the same stretch once more; `rest` is what the live node took beyond that."""
    with tempfile.TemporaryDirectory() as name:
        counted = Counted(Path(name))
        counted.read(stream, course)
    table = counted.stages
    for one in fields(Stages):
        setattr(table, one.name, getattr(table, one.name) * 60.0 / course.seconds)
    table.rest = pair.agent_s - sum(getattr(table, one.name) for one in fields(Stages))
    return table


@dataclass
class Watch:
    """Adds up what this thread takes, without what is counted by another watch inside."""

    stages: Stages
    inside_s: float = field(default=0.0, init=False)

    def around(self, stage: str, work: Callable[[], Any]) -> Any:
        """Do it; its time less that of watched parts within it is the stage's."""
        outer_s, self.inside_s = self.inside_s, 0.0
        begun_s = time.thread_time()
        try:
            return work()
        finally:
            took_s = time.thread_time() - begun_s
            setattr(self.stages, stage, getattr(self.stages, stage) + took_s - self.inside_s)
            self.inside_s = outer_s + took_s


class WatchedDetector(Detector):
    """A loaded detector, in all it is, whose time is counted."""

    def __init__(self, loaded: Detector, watch: Watch) -> None:
        self.__dict__.update(vars(loaded))
        self._watch = watch

    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        """As the detector's own."""
        found: tuple[Detection, ...] = self._watch.around("inference", partial(super().detect, frame, region, share))
        return found


class Counted:
    """A node's parts in one thread, each under a watch."""

    def __init__(self, directory: Path) -> None:
        config = load_config(agent_config(directory, "rtsp://127.0.0.1:9/"))
        self.stages = Stages()
        self._watch = Watch(self.stages)
        self._camera = config.cameras[0]
        self._clock = MediaClock()
        self._footage = Footage(directory / "footage", config.footage, self._clock)
        self._attention = Attention(self._camera.idle, self._watched_motion(MotionDetector()))
        self._attending = Attending(self._attention, self._camera, has_model=True)
        detector = WatchedDetector(load_eyes(config.detection), self._watch)
        self._pipeline: Pipeline = build(config, self._camera, detector, new_id)

    def read(self, path: Path, course: Course) -> None:
        """The stream over and over; counted is what comes after the warm-up. Raises AgentError."""
        reading = Reading(self._clock, Wants(packets=True, frames=True), attention=self._attention)
        reader = StreamReader(self._camera, str(path), reading)
        with ExitStack() as opened:
            number, begins = 0, round(course.warm_up_s * FPS)
            ends = begins + round(course.seconds * FPS)
            while number < ends:
                container = opened.enter_context(av.open(str(path), format="h264"))
                stream = reader.attach(container)
                ticks = round(1 / (FPS * time_base_of(stream)))
                for packet in container.demux(stream):
                    if not packet.size or number == ends:
                        break
                    if number == begins:
                        self._forget()
                    packet.pts = packet.dts = number * ticks  # a byte stream has no stamps of its own
                    self._clock.advance(number / FPS)
                    for item in self._watch.around("decode", partial(taken, reader, packet)):
                        self._give(item)
                    number += 1
        self._footage.close()

    def _forget(self) -> None:
        for one in fields(Stages):
            setattr(self.stages, one.name, 0.0)

    def _give(self, item: Packet | Frame) -> None:
        if isinstance(item, Packet):
            self._watch.around("mux", lambda: self._footage.write(item))
            return
        before_s = self.stages.track
        analysis = self._watch.around("track", lambda: self._pipeline.step(item))
        self._attending.tell(analysis)
        # Within one step the pipeline's own stop-watch tells motion from the rest.
        timings = analysis.timings_us
        others = timings.view + timings.regions + timings.tracking + timings.change + timings.rules
        took_s = self.stages.track - before_s
        motion_s = took_s * timings.motion / max(timings.motion + others, 1)
        self.stages.track -= motion_s
        self.stages.motion += motion_s

    def _watched_motion(self, motion: MotionDetector) -> Callable[[Small], Motion]:
        def watched(small: Small) -> Motion:
            seen: Motion = self._watch.around("motion", lambda: motion.update(small))
            return seen

        return watched


def taken(reader: StreamReader, packet: AvPacket) -> list[Packet | Frame]:
    """All that a packet gives."""
    return list(reader.take(packet))


def new_id(at: Moment) -> str:
    """Nobody reads it."""
    return f"{at.mono_ns:026d}"
