"""What the local page shows of the last minutes: the newest picture per camera and the newest events.

Kept in memory and bounded; a node without a page does not make one. Vision writes, the page reads.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from agent.contract.base import utc
from agent.contract.event import EventMessage, Media, Origin, event_message
from agent.contract.health import HealthMessage
from agent.contract.words import event_words
from agent.installer.doors import LiveView, PageEvent
from agent.pipeline import Analysis
from agent.values import Event, Frame

KEPT_EVENTS = 60
ClipState = Literal["none", "recording", "queued", "uploaded", "dropped"]


@dataclass(frozen=True, slots=True)
class _Kept:
    event: Event
    thumb: bytes | None
    clip_state: ClipState


class Recent:
    """Thread-safe. Frames are copied, so that the decoder's buffers are not held."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels  # by camera id
        self._lock = threading.Lock()
        self._live: dict[str, LiveView] = {}
        self._events: OrderedDict[str, _Kept] = OrderedDict()
        self._health = "{}"

    def seen(self, analysis: Analysis, frame: Frame) -> None:
        """One frame was analysed."""
        copy = replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())
        with self._lock:
            self._live[frame.cam] = LiveView(copy, analysis.tracks, analysis.motion)

    def event(self, event: Event, thumb: bytes | None) -> None:
        """One event started, went on or ended."""
        with self._lock:
            before = self._events.pop(event.id, None)
            state: ClipState = before.clip_state if before else ("recording" if event.clip else "none")
            self._events[event.id] = _Kept(event, thumb or (before.thumb if before else None), state)
            while len(self._events) > KEPT_EVENTS:
                self._events.popitem(last=False)

    def clip(self, event_id: str, state: ClipState) -> None:
        """The clip of an event got further."""
        with self._lock:
            if event_id in self._events:
                self._events[event_id] = replace(self._events[event_id], clip_state=state)

    def health(self, message: HealthMessage) -> None:
        """The newest health report."""
        with self._lock:
            self._health = message.body().decode()

    def health_json(self) -> str:
        """The newest health report, as the ward reads it; empty before the first."""
        with self._lock:
            return self._health

    def live(self, cam: str) -> LiveView | None:
        """The newest analysed frame of one camera."""
        with self._lock:
            return self._live.get(cam)

    def thumb(self, event_id: str) -> bytes | None:
        """The thumbnail of one event."""
        with self._lock:
            kept = self._events.get(event_id)
        return kept.thumb if kept else None

    def find(self, event_id: str) -> Event | None:
        """One event, as last told."""
        with self._lock:
            kept = self._events.get(event_id)
        return kept.event if kept else None

    def page_events(self, limit: int) -> tuple[PageEvent, ...]:
        """The newest first."""
        with self._lock:
            kept = list(self._events.values())
        newest = sorted(kept, key=lambda item: item.event.started.mono_ns, reverse=True)[:limit]
        return tuple(
            PageEvent(
                id=item.event.id,
                cam=item.event.cam,
                text=event_words(_message(item), camera=self._labels.get(item.event.cam, "")),
                severity=item.event.severity,
                started_utc=utc(item.event.started.wall_ns),
                phase=item.event.phase.value,
                has_thumb=item.thumb is not None,
                clip_state=item.clip_state,
            )
            for item in newest
        )


def _message(kept: _Kept) -> EventMessage:
    # Without the clip's state: the page shows it in a place of its own.
    return event_message(kept.event, 1, Media(), Origin(), kept.event.at)
