"""The capture worker's job: one demuxed packet at a time from a source to footage and vision."""

import threading
from collections.abc import Callable, Sequence

from agent.capture.counts import Counts
from agent.capture.source import SourcePlan
from agent.capture.stats import CaptureStats
from agent.errors import CameraError
from agent.values import Frame, Packet
from agent.worker import Outcome


class CaptureJob:
    """Opens the source when made. `packets` and `frames` must not block."""

    def __init__(
        self,
        plan: SourcePlan,
        stop: threading.Event,
        packets: Callable[[Sequence[Packet]], None],
        frames: Callable[[Frame], None],
        stats: CaptureStats,
    ) -> None:
        self._name = plan.name
        self._main = plan.wants.packets
        self._packets = packets
        self._frames = frames
        self._stats = stats
        self._counts = Counts()
        stats.condition(plan.name, "starting")
        try:
            self._source = plan.open(stop)
        except CameraError as error:
            stats.condition(plan.name, "lost", error.code)
            raise

    def run_once(self) -> Outcome:
        """Read once. Raises CameraError when the camera is gone."""
        try:
            items = self._source.read()
        except CameraError as error:
            self._stats.condition(self._name, "lost", error.code)
            raise
        counts = self._source.counts()
        self._stats.count(counts, self._counts, self._main)
        self._counts = counts
        if items is None:
            self._stats.condition(self._name, "ended")
            return Outcome.DONE
        self._packets([item for item in items if isinstance(item, Packet)])
        for item in items:
            if isinstance(item, Frame):
                self._frames(item)
        if not items:
            return Outcome.IDLE
        self._stats.condition(self._name, "ok")
        return Outcome.WORKED

    def close(self) -> None:
        """Give the camera back."""
        self._source.close()
