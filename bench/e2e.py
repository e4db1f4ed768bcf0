"""End to end on cars that drive through a car park: the agent with detector and recording beside Debian's `motion`.

What both take is counted live, on the same stream of the same stand-in camera, over whole loops of the clip with its
natural gaps. `motion` records all that comes, by passthrough, as the agent does.

The full run measures four loops by a node that has run for two minutes, and so knows the empty scene and where it looks
in vain. The quick run measures 22 s, not a whole loop, by a node that was switched on 18 s before, and that still looks
at most of what moves: it is the dearer one, and shows what the first minute costs, not what a day does.

The table of stages tells where the agent's share goes: the same stream is read once more in this process, by the
agent's own parts, and the CPU time of this thread is taken around each. What the live node took beyond that is
`rest`: the network, handing frames from thread to thread, broker, health and Python itself. It is less than nothing
when the live node idled more than the reading did. The full run reads once more with motion in vain always looked at
(`idle` only while nothing moves); `ratio_awake` is that reading with the same rest.
"""

import tempfile
import time
from collections.abc import Callable, Iterable
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
from agent.capture.vain import VainPlaces
from agent.clock import MediaClock, Moment
from agent.config.load import load_config
from agent.detection.detector import Detector
from agent.footage.store import Footage
from agent.motion import MotionDetector
from agent.pipeline import Pipeline, build, load_eyes
from agent.values import Box, Detection, Frame, Motion, Packet, Small
from bench.beside_motion import Course, agent_config, measured, told
from bench.camera_like import FPS, SIZES
from bench.carpark import carpark_stream, stream_seconds

WARM_UP_S = 120.0  # the agent has learnt the empty scene, and where it looks in vain
QUICK_WARM_UP_S = 18.0  # it has started, which takes three seconds of processor time, and knows the empty scene
QUICK_S = 22.0
LOOPS = 4


@dataclass
class Stages:
    """CPU seconds per minute of video."""

    decode: float = 0.0  # with demuxing, and choosing what is decoded
    motion: float = 0.0  # in capture, for what is decoded, and in vision
    inference: float = 0.0  # with cropping and resizing
    track: float = 0.0  # and regions, view, changes and rules
    mux: float = 0.0
    rest: float = 0.0

    def sum_s(self) -> float:
        """Of all."""
        return float(sum(getattr(self, one.name) for one in fields(self)))


def run(quick: bool) -> dict[str, Any]:
    """Both sizes at once; the stages are read in the meantime."""
    streams = [(size, carpark_stream(size)) for size in SIZES]
    loop_s = stream_seconds(streams[0][1])
    course = Course(QUICK_WARM_UP_S, QUICK_S, always=True) if quick else Course(WARM_UP_S, LOOPS * loop_s, always=True)
    tables: dict[str, Stages] = {}
    awake: dict[str, Stages] = {}

    def read() -> None:
        for size, stream in streams:
            tables[size.name] = stages_of(stream, course, VainPlaces())
            if not quick:
                awake[size.name] = stages_of(stream, course, NeverInVain())

    pairs = measured(streams, course, read)
    figures: dict[str, Any] = dict(told(pairs))
    for pair in pairs:
        table = tables[pair.size.name]
        table.rest = pair.agent_s - table.sum_s()
        if not quick:
            awake[pair.size.name].rest = table.rest
            figures[f"ratio_awake_{pair.size.name}"] = round(awake[pair.size.name].sum_s() / pair.motion_s, 3)
    names = [one.name for one in fields(Stages)]
    print("\nagent, CPU s/min" + "".join(f"{name:>11}" for name in names))
    for title, some in (("", tables), (" awake", awake)):
        for size, table in some.items():
            print(f"{size + title:<16}" + "".join(f"{getattr(table, name):>11.2f}" for name in names))
    figures["stages"] = {
        size: {name: round(getattr(table, name), 3) for name in names} for size, table in tables.items()
    }
    return figures


def stages_of(stream: Path, course: Course, places: VainPlaces) -> Stages:
    """By reading the same stretch in this thread; `rest` is not known by that."""
    with tempfile.TemporaryDirectory() as name:
        counted = Counted(Path(name), places)
        counted.read(stream, course)
    table = counted.stages
    for one in fields(Stages):
        setattr(table, one.name, getattr(table, one.name) * 60.0 / course.seconds)
    return table


class NeverInVain(VainPlaces):
    """All motion is looked at, however often it was nobody."""

    def all_in_vain(self, moving: Iterable[Box]) -> bool:
        """Never."""
        return False


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

    def __init__(self, directory: Path, places: VainPlaces) -> None:
        config = load_config(agent_config(directory, "rtsp://127.0.0.1:9/"))
        self.stages = Stages()
        self._watch = Watch(self.stages)
        self._camera = config.cameras[0]
        self._clock = MediaClock()
        self._footage = Footage(directory / "footage", config.footage, config.retention.max_days, self._clock)
        self._attention = Attention(self._camera.idle, self._watched_motion(MotionDetector()), places)
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
                stream = container.streams.video[0]
                if number == 0:
                    reader.attach(container)  # once: for the node it is one stream
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
