"""One frame through motion, view, regions, detection, tracking, change and rules; out comes an Analysis.

Knows no thread, no clock and no queue: a frame's own time is the only time. Without a detector what moves is the
object: rules that ask where something is go on with it, rules that ask what it is rest.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from agent.change import ChangeFinder
from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.config.labels import MOTION
from agent.config.model import Config, DetectionSection
from agent.detection.budget import Budget, Share
from agent.detection.detector import Detector, load_detector
from agent.detection.joined import joined
from agent.detection.lens import Lens
from agent.detection.plausible import plausible
from agent.detection.providers import Providers
from agent.detection.regions import Plan, RegionChooser
from agent.detection.rider import CYCLES, Riders
from agent.motion import MotionDetector
from agent.rules import RuleSet, RuleState
from agent.shrink import shrunk
from agent.tracking import UNSURE_SHARE, Sighting, Tracker
from agent.tracking.kinds import kind
from agent.values import Box, Detection, EndReason, Event, Frame, Motion, Scene, StaticChange, Track, View
from agent.view import ViewCheck

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
MOTION_RULES = {"intrusion", "line_crossing", "encroachment", "dumping", "object_removed", "tamper"}
MOST_MOVING = 8  # regions of one frame that become objects; more is weather


class SeesObjects(Protocol):
    """A loaded model."""

    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        """The objects in one region, with that share of the model's input. Raises ModelError."""


class FindsEvents(Protocol):
    """A camera's rules."""

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """What starts, changes or ends now."""

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """Everything that is going on ends."""

    def states(self) -> tuple[RuleState, ...]:
        """What each rule knows now."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pipeline is made of; each part belongs to one camera, except the detector, which may be shared."""

    motion: MotionDetector
    view: ViewCheck
    regions: RegionChooser
    detector: SeesObjects | None  # None: motion only
    tracker: Tracker
    change: ChangeFinder
    rules: FindsEvents
    riders: Riders | None = None  # None: no rule asks for what is ridden
    budget: Share | None = None  # None: no bound but the region chooser's own


@dataclass(frozen=True, slots=True)
class Timings:
    """Microseconds that each stage of one step took."""

    motion: int  # and the small picture
    view: int
    regions: int
    detection: int
    tracking: int
    change: int
    rules: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one frame came to."""

    at: Moment
    seq: int
    motion: Motion
    view: View
    tracks: tuple[Track, ...]
    changes: tuple[StaticChange, ...]
    events: tuple[Event, ...]
    inferences: int
    timings_us: Timings


class Pipeline:
    """The vision of one camera.

    Inside, time counts from the first frame, so that live and replay do the same arithmetic to the last bit: a
    difference of two large floats rounds otherwise than that of two small ones, and a rule may start a frame later.
    The times of `Analysis.view`, `.tracks` and `.changes` are inside times; those of events are the frames' own.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._run: int | None = None
        self._origin_ns: int | None = None
        self._last: Moment | None = None

    def step(self, frame: Frame) -> Analysis:
        """Analyse one frame. A frame of another run first ends all events with `camera_lost`. Raises ModelError."""
        ended: tuple[Event, ...] = ()
        if self._run is not None and self._run != frame.run:
            ended = self.close(self._last or frame.at, EndReason.CAMERA_LOST)
        self._run, self._last = frame.run, frame.at
        if self._origin_ns is None:
            self._origin_ns = frame.at.mono_ns
        parts, at, watch = self._parts, moved(frame.at, -self._origin_ns), _StopWatch()
        small = replace(shrunk(frame), at=at)
        motion = parts.motion.update(small)
        motion_us = watch.lap_us()
        view = parts.view.update(frame, small, motion)
        view_us = watch.lap_us()
        plan = self._plan(frame, at, motion) if parts.detector else Plan()
        regions = plan.regions
        regions_us = watch.lap_us()
        eyes = parts.detector
        found = [(look.region, eyes.detect(frame, look.region, look.share)) for look in plan.looks] if eyes else []
        detections = plausible(joined(found), motion) if parts.detector else moving(motion)
        if parts.riders is not None:
            detections = parts.riders.join(at, detections, motion)
        detection_us = watch.lap_us()
        searched = regions if parts.detector else (WHOLE,)
        tracks = parts.tracker.update(Sighting(small, detections, searched, motion))
        tracking_us = watch.lap_us()
        changes = parts.change.update(small, motion, tracks)
        change_us = watch.lap_us()
        events = ended + self._dated(parts.rules.update(Scene(at, tracks, changes, view)))
        timings = Timings(motion_us, view_us, regions_us, detection_us, tracking_us, change_us, watch.lap_us())
        return Analysis(frame.at, frame.seq, motion, view, tracks, changes, events, len(regions), timings)

    def _plan(self, frame: Frame, at: Moment, motion: Motion) -> Plan:
        parts, shape = self._parts, (frame.height, frame.width)
        tracks = parts.tracker.predicted(at)
        if parts.budget is None:
            return parts.regions.choose(at, motion, tracks, shape)
        # The budget is shared by cameras that began at different times: its time is the frames' own.
        plan = parts.regions.choose(at, motion, tracks, shape, parts.budget.offer(frame.at.mono_ns))
        parts.budget.spend(len(plan.looks), plan.refused)
        return plan

    @property
    def tracker(self) -> Tracker:
        """What knows the parked vehicles, to keep them over a restart."""
        return self._parts.tracker

    def states(self) -> tuple[RuleState, ...]:
        """What each rule knows after the last step."""
        return self._parts.rules.states()

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is going on and begin anew with the next frame."""
        self._run = None
        self._parts.tracker.reset()
        self._parts.regions.reset()
        if self._parts.riders is not None:
            self._parts.riders.reset()
        self._parts.view.reset()
        self._parts.change.reset()
        return self._dated(self._parts.rules.close(moved(at, -(self._origin_ns or 0)), reason))

    def _dated(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        origin_ns = self._origin_ns or 0
        return tuple(
            replace(
                event,
                started=moved(event.started, origin_ns),
                at=moved(event.at, origin_ns),
                ended=moved(event.ended, origin_ns) if event.ended else None,
            )
            for event in events
        )


def moved(at: Moment, mono_ns: int) -> Moment:
    """The same instant on a monotonic clock that began `mono_ns` earlier; wall time stays."""
    return replace(at, mono_ns=at.mono_ns + mono_ns)


def load_eyes(section: DetectionSection, providers: Providers | None = None) -> Detector:
    """The configured model, letting through also the unsure detections that keep a known target alive.

    `section.score` stays what a detection needs to begin a target. Without `providers` it runs on the CPU, so that
    a replay gives the same everywhere. Raises ModelError.
    """
    return load_detector(section.model_copy(update={"score": section.score * UNSURE_SHARE}), providers)


def moving(motion: Motion) -> tuple[Detection, ...]:
    """Without a model: each moving region is an object of the class `motion`."""
    return tuple(Detection(box, MOTION, 1.0) for box in motion.boxes[:MOST_MOVING]) if motion.ready else ()


def motion_only(camera: CameraSection) -> CameraSection:
    """The rules that make sense without a model: where something moves, what stays or is gone, the view itself."""
    rules = tuple(rule.model_copy(update={"classes": (MOTION,)}) for rule in camera.rules if rule.rule in MOTION_RULES)
    return camera.model_copy(update={"rules": rules})


def wanted_labels(camera: CameraSection) -> Callable[[str], bool]:
    """Does any rule ask for that label, or for one that models confuse with it? Who is near matters to most, so people
    always count; without rules everything does.
    """
    kinds = {kind(label) for rule in camera.rules for label in rule.classes} | {"person"}
    return lambda label: not camera.rules or kind(label) in kinds


def build(
    config: Config,
    camera: CameraSection,
    detector: SeesObjects | None,
    new_id: Callable[[Moment], str],
    budget: Budget | None = None,
) -> Pipeline:
    """A fresh pipeline for `camera`. `detector` is from `load_eyes`, or None for motion only; without `budget` the
    camera has the whole of it.
    """
    lens = detector.lens if isinstance(detector, Detector) else Lens()
    return Pipeline(
        Parts(
            motion=MotionDetector(),
            view=ViewCheck(),
            regions=RegionChooser(config.detection.max_inferences, lens, wanted_labels(camera)),
            detector=detector,
            tracker=Tracker(config.detection.score),
            change=ChangeFinder(),
            rules=RuleSet(camera if detector else motion_only(camera), config.node.timezone, new_id),
            riders=Riders() if any(CYCLES & set(rule.classes) for rule in camera.rules) else None,
            budget=Share(budget or Budget(config.detection.inferences_per_s), camera.id),
        )
    )


class _StopWatch:
    # Measures work, decides nothing: the results of a step do not depend on it.

    def __init__(self) -> None:
        self._lap_ns = time.perf_counter_ns()

    def lap_us(self) -> int:
        now_ns = time.perf_counter_ns()
        took_ns, self._lap_ns = now_ns - self._lap_ns, now_ns
        return took_ns // 1000
