"""A video file through the whole pipeline on media time: Events come out, and at the end a ReplaySummary.

Same file, same configuration, same events, byte for byte: time comes from the file and ids from a seed. Tracks
(MOTChallenge text) and the trace are written here; how events are shown is the command's.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ulid import ULID

from agent.app.attend import Attending
from agent.capture.attention import Attention
from agent.capture.replay import read_file
from agent.clock import MediaClock, Moment
from agent.config.camera import CameraSection
from agent.config.labels import COCO
from agent.config.model import Config
from agent.errors import ConfigError
from agent.i18n import Text
from agent.motion import MotionDetector
from agent.pipeline import Analysis, SeesObjects, build
from agent.rules import RuleState
from agent.tools.written import Lines
from agent.values import EndReason, Event, Frame, Phase

Watch = Callable[[Frame, Analysis, tuple[RuleState, ...]], None]


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What to replay, through which camera's section, and what to write beside the events."""

    video: Path
    config: Config
    camera: str | None = None  # None: the first of the configuration
    tracks: Path | None = None
    trace: Path | None = None
    until_s: float | None = None  # media seconds; None: to the end of the file
    watch: Watch | None = None  # called with each analysed frame, what was found in it and what each rule knows then


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What a replay came to. `cpu_s` is this process's, and the only figure that differs from run to run."""

    frames: int = 0  # pictures of the file, up to the last analysed one
    analysed: int = 0
    inferences: int = 0
    cpu_s: float = 0.0
    media_s: float = 0.0
    events: dict[str, int] = field(default_factory=dict)  # by rule id; an event counts once, whatever its phases


class Replay:
    """Iterate once over it for the events; then `summary` is complete.

    Raises ConfigError (no such camera), CameraError (the file), ModelError (the model broke), StorageError (cannot
    write).
    """

    def __init__(self, options: ReplayOptions, detector: SeesObjects | None) -> None:
        self.camera = chosen_camera(options)
        self.summary = ReplaySummary()
        self._options = options
        self._has_model = detector is not None
        self._pipeline = build(options.config, self.camera, detector, seeded_ids(self.camera.id))

    def __iter__(self) -> Iterator[Event]:
        """The events in order of time; what is still going on at the end of the file ends with `over`."""
        options, seen, started_s = self._options, _Seen(), time.process_time()
        clock, attention = MediaClock(), Attention(self.camera.idle, MotionDetector().update)
        attending = Attending(attention, self.camera, has_model=self._has_model)
        with ExitStack() as files:
            tracks = files.enter_context(Lines(options.tracks)) if options.tracks else None
            trace = files.enter_context(Lines(options.trace)) if options.trace else None
            for at in read_file(options.video, self.camera, clock, attention):
                if options.until_s is not None and at.frame.at.mono_s >= options.until_s:
                    break
                analysis = self._pipeline.step(at.frame)
                attending.tell(analysis)
                if tracks:
                    tracks.write("".join(track_lines(analysis, at.frame, at.number + 1)))
                if trace:
                    trace.write(trace_line(analysis) + "\n")
                if options.watch:
                    options.watch(at.frame, analysis, self._pipeline.states())
                seen.analysis(analysis, at.number + 1)
                yield from seen.events(analysis.events)
            yield from seen.events(self._pipeline.close(clock.now(), EndReason.OVER))
        self.summary = ReplaySummary(
            frames=seen.frames,
            analysed=seen.analysed,
            inferences=seen.inferences,
            cpu_s=round(time.process_time() - started_s, 3),
            media_s=round(clock.mono_s(), 3),
            events=dict(sorted(seen.by_rule.items())),
        )


def numbered(events: Iterable[Event]) -> Iterator[tuple[Event, int]]:
    """Each event with the number of its revision, from 1, as the outbox gives it live."""
    revisions: dict[str, int] = {}
    for event in events:
        revisions[event.id] = revisions.get(event.id, 0) + 1
        yield event, revisions[event.id]
        if event.phase is Phase.END:
            del revisions[event.id]


def seeded_ids(seed: str) -> Callable[[Moment], str]:
    """ULIDs of the moment whose random part comes from `seed`: the same order of calls gives the same ids."""
    source = random.Random(seed)

    def new_id(at: Moment) -> str:
        milliseconds = at.wall_ns // 10**6
        return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + source.randbytes(10)))

    return new_id


def track_lines(analysis: Analysis, frame: Frame, number: int) -> Iterator[str]:
    """`frame,id,left,top,width,height,score,class` in pixels; `number` counts the file's pictures from 1, class is
    the COCO index from 1 (person = 1; 0 is mere motion).
    """
    for track in analysis.tracks:
        box = track.box
        left, top = box.left * frame.width, box.top * frame.height
        width, height = box.width * frame.width, box.height * frame.height
        kind = COCO.index(track.label) + 1 if track.label in COCO else 0
        yield f"{number},{track.id},{left:.2f},{top:.2f},{width:.2f},{height:.2f},{track.score:.4f},{kind}\n"


def trace_line(analysis: Analysis) -> str:
    """One JSON object: media time, motion boxes, inferences, tracks, microseconds per stage."""
    boxes = [[round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)] for box in analysis.motion.boxes]
    return json.dumps(
        {
            "media_s": round(analysis.at.mono_s, 3),
            "seq": analysis.seq,
            "motion": boxes,
            "motion_ready": analysis.motion.ready,
            "inferences": analysis.inferences,
            "tracks": len(analysis.tracks),
            "timings_us": asdict(analysis.timings_us),
        },
        separators=(",", ":"),
    )


class _Seen:
    # Counts of one replay.

    def __init__(self) -> None:
        self.frames = self.analysed = self.inferences = 0
        self.by_rule: dict[str, int] = {}
        self._open: set[str] = set()

    def analysis(self, analysis: Analysis, number: int) -> None:
        self.frames = number
        self.analysed += 1
        self.inferences += analysis.inferences

    def events(self, events: tuple[Event, ...]) -> Iterator[Event]:
        for event in events:
            if event.id not in self._open:
                self.by_rule[event.rule_id] = self.by_rule.get(event.rule_id, 0) + 1
            if event.phase is Phase.END:
                self._open.discard(event.id)
            else:
                self._open.add(event.id)
            yield event


def chosen_camera(options: ReplayOptions) -> CameraSection:
    """The section of the camera that the replay stands for. Raises ConfigError."""
    cameras = {camera.id: camera for camera in options.config.cameras}
    if options.camera is None:
        return options.config.cameras[0]
    if options.camera in cameras:
        return cameras[options.camera]
    known = ", ".join(cameras)
    raise ConfigError(
        Text(
            en=f"the configuration has no camera {options.camera!r}, only {known}",
            vi=f"cấu hình không có camera {options.camera!r}, chỉ có {known}",
        )
    )
