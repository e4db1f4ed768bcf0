"""The newest analysed picture of a camera for whoever looks just now; while nobody does, it costs one look at a
dictionary, and no picture is copied or kept.
"""

import threading
from collections.abc import Callable
from dataclasses import replace

from agent.clock import Clock
from agent.installer.doors import LiveView
from agent.pipeline import Analysis
from agent.values import Frame

LOOKED_S = 4.0  # after the last question nobody looks any more


class Looking:
    """`seen` is called by the vision threads, `latest` by the page. `closely`: a camera does not rest meanwhile."""

    def __init__(self, clock: Clock, closely: Callable[[str, bool], None]) -> None:
        self._clock = clock
        self._closely = closely
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}  # by camera: when somebody last asked
        self._views: dict[str, LiveView] = {}

    def seen(self, analysis: Analysis, frame: Frame) -> None:
        """One frame was analysed. Copied only when somebody looks: the decoder's buffers are not held."""
        asked_s = self._asked.get(frame.cam)
        if asked_s is None or frame.rewound:
            return
        if self._clock.mono_s() - asked_s > LOOKED_S:
            with self._lock:
                self._asked.pop(frame.cam, None)
                self._views.pop(frame.cam, None)
            self._closely(frame.cam, False)
            return
        copy = replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())
        with self._lock:
            self._views[frame.cam] = LiveView(copy, analysis.tracks, analysis.motion)

    def latest(self, cam: str) -> LiveView | None:
        """The newest since somebody looks; None until there is one. From now on pictures of `cam` are kept a while."""
        with self._lock:
            first = cam not in self._asked
            self._asked[cam] = self._clock.mono_s()
            view = self._views.get(cam)
        if first:
            self._closely(cam, True)
        return view
