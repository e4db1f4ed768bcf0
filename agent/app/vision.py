"""The vision worker of one camera: newest frame in, analysis out; a camera that is gone ends its events."""

import threading
from collections.abc import Callable

from agent.capture.mailbox import LatestFrame
from agent.clock import Clock, Moment
from agent.pipeline import Analysis, Pipeline
from agent.values import EndReason, Event, Frame
from agent.worker import Outcome

WAIT_S = 0.5


class VisionJob:
    """Takes frames from `inbox` one at a time through `pipeline` and hands each analysis to `seen`.

    `events` gets what ends without a frame: when frames stop for `lost_after_s`, at a reconnect, and at the stop.
    """

    def __init__(
        self,
        inbox: LatestFrame,
        pipeline: Pipeline,
        seen: Callable[[Analysis, Frame], None],
        events: Callable[[tuple[Event, ...]], None],
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._pipeline = pipeline
        self._seen = seen
        self._events = events
        self._clock = clock
        self._last: Moment | None = None

    def run_once(self) -> Outcome:
        """One frame, or half a second of waiting for it."""
        frame = self._inbox.get(WAIT_S)
        if frame is None:
            return Outcome.IDLE
        self._seen(self._pipeline.step(frame), frame)
        self._last = frame.at
        return Outcome.WORKED

    def close(self) -> None:
        """What is still going on is interrupted by this stop."""
        self._events(self._pipeline.close(self._last or self._clock.now(), EndReason.RESTART))
