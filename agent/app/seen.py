"""Where vision's results go: events with their thumbnails to the outbox, pictures to the local page if there is one and
to whoever asks for a glance.
"""

import logging
from collections.abc import Callable

from agent.app.glance import Glance
from agent.app.looking import Looking
from agent.app.recent import Recent
from agent.installer.overlay import thumbnail
from agent.pipeline import Analysis
from agent.values import Event, Frame, Phase

log = logging.getLogger(__name__)


class Seen:
    """Called from the vision threads. `age_s`: seconds since this process was started."""

    def __init__(
        self, outbox: Callable[[Event, bytes | None], None], recent: Recent | None, age_s: Callable[[], float]
    ) -> None:
        self._outbox = outbox
        self._recent = recent
        self._age_s = age_s
        self._first = True
        self.glance = Glance()
        self.looking: Looking | None = None  # who looks through the setup page

    def seen(self, analysis: Analysis, frame: Frame) -> None:
        """One frame was analysed."""
        if self._first:
            self._first = False
            self._tell_first(frame)
        self.glance.seen(frame)
        if self.looking is not None:
            self.looking.seen(analysis, frame)
        if self._recent is not None:
            self._recent.seen(analysis, frame)
        pictured: set[str] = set()
        for event in analysis.events:
            fresh = event.phase is Phase.START or (event.phase is Phase.END and event.started == event.at)
            thumb = None
            if fresh and event.id not in pictured:
                pictured.add(event.id)
                thumb = thumbnail(frame, tuple(item.box for item in event.objects))
            self._event(event, thumb)

    def ended(self, events: tuple[Event, ...]) -> None:
        """Events that end without a frame."""
        for event in events:
            self._event(event, None)

    def _event(self, event: Event, thumb: bytes | None) -> None:
        self._outbox(event, thumb)
        if self._recent is not None:
            self._recent.event(event, thumb)

    def _tell_first(self, frame: Frame) -> None:
        log.info(
            "%s: first frame analysed %.2f s after the start (mono_ms=%d)",
            frame.cam,
            self._age_s(),
            frame.at.mono_ns // 10**6,
        )
