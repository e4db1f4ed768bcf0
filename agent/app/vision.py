"""The vision worker of one camera: newest frame in, analysis out; a camera that is gone ends its events."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.capture.attention import Attention
from agent.capture.mailbox import LatestFrame
from agent.capture.stats import CaptureStats
from agent.clock import Clock, Moment
from agent.pipeline import Analysis, Pipeline
from agent.values import EndReason, Event, Frame
from agent.worker import Outcome

log = logging.getLogger(__name__)
WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class VisionDoors:
    """Where a camera's frames come from and where what was found in them goes. None of the callables may block."""

    inbox: LatestFrame
    stats: CaptureStats
    attention: Attention
    seen: Callable[[Analysis, Frame], None]
    ended: Callable[[tuple[Event, ...]], None]  # events that end without a frame
    lost_after_s: float  # without a frame for this long the camera is lost
    stopped: Callable[[], None] = lambda: None  # the pipeline is closed; this may wait for the disk
    paused: Callable[[], bool] = lambda: False  # why there are no frames


class VisionJob:
    """One frame at a time through the pipeline, which is made fresh with the job."""

    def __init__(self, pipeline: Pipeline, doors: VisionDoors, clock: Clock) -> None:
        self._pipeline = pipeline
        self._doors = doors
        self._clock = clock
        self._last: Moment | None = None
        self._lost = False
        doors.attention.wake()

    def run_once(self) -> Outcome:
        """One frame, or a while of waiting for it. Raises ModelError."""
        frame = self._doors.inbox.get(WAIT_S)
        if frame is None:
            self._end_if_lost()
            return Outcome.IDLE
        analysis = self._pipeline.step(frame)
        timings = analysis.timings_us
        self._doors.stats.analysed(timings.detection / 1000 / analysis.inferences if analysis.inferences else None)
        self._doors.stats.sees(analysis.view.state.value)
        self._doors.seen(analysis, frame)
        self._last, self._lost = frame.at, False
        return Outcome.WORKED

    def close(self) -> None:
        """What is still going on is interrupted by this stop."""
        self._doors.ended(self._pipeline.close(self._last or self._clock.now(), EndReason.RESTART))
        self._doors.stopped()

    def _end_if_lost(self) -> None:
        if self._last is None or self._lost:
            return
        patience_s = self._doors.lost_after_s + self._doors.attention.between_s
        paused = self._doors.paused()
        if not paused and self._clock.mono_s() - self._last.mono_s < patience_s:
            return
        self._lost = True
        reason = EndReason.PAUSED if paused else EndReason.CAMERA_LOST
        self._doors.ended(self._pipeline.close(self._last, reason))
