"""A small real node for the page: holds what the doors answer, and counts how often a frame was asked for."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Any

from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.model import PageSection
from agent.errors import AgentError
from agent.i18n import Language, Text
from agent.installer.doors import CameraView, LiveView, PageData, PageEvent, PageFault, Shape
from agent.installer.overlay import thumbnail
from agent.installer.page import PageJob
from agent.values import Box, Motion, Point, Severity
from agent.worker import Worker
from tests.installer import scene

GATE = CameraView(
    "gate",
    "Cổng ngõ 12",
    zones=(Shape("san-truoc", (Point(0.44, 0.63), Point(0.74, 0.63), Point(0.80, 0.80), Point(0.40, 0.80))),),
    lines=(Shape("vao-ngo", (Point(0.26, 0.95), Point(0.33, 0.64))),),
)
HEALTH: dict[str, Any] = {
    "schema": "health/1",
    "node": "ngo-12",
    "clock": {"trusted": True, "source": "ntp"},
    "agent": {"uptime_s": 5460.0, "rss_mb": 168.2, "cpu_pct": 31.0, "restarts": 0},
    "board": {"model": "Raspberry Pi 5", "temp_c": 56.4, "undervoltage": False},
    "disk": {"free_mb": 21400.0, "readonly": False},
    "net": {"connected": True, "protocol": "5", "rtt_ms": 24.0, "reconnects": 1},
    "spool": {"messages": 0, "oldest_age_s": 0.0, "clips": 1, "bytes": 812000, "dropped_total": 0},
    "cams": [{"id": "gate", "state": "ok", "frame_age_s": 0.2, "fps": 15.0, "analysed_fps": 5.0}],
}


def ulid(number: int) -> str:
    return f"01JZ0000000000000000000{number:03d}"


def event(number: int, **changes: Any) -> PageEvent:
    """A finished intrusion with thumbnail and clip."""
    given = PageEvent(
        ulid(number),
        "gate",
        Text("Person in the forbidden zone 'san-truoc'", "Người trong vùng cấm 'san-truoc'"),
        Severity.ALERT,
        "2026-11-21T10:15:30Z",
        "end",
        has_thumb=True,
        clip_state="uploaded",
    )
    return replace(given, **changes)


class Node:
    """Everything the page can ask for, as plain attributes that a test sets."""

    def __init__(self, clip: Path) -> None:
        self.clock = Clock()
        self.cameras: tuple[CameraView, ...] = (GATE,)
        self.live: dict[str, LiveView] = {}
        self.events: list[PageEvent] = []
        self.thumbs: dict[str, bytes] = {}
        self.clips: dict[str, Path] = {}
        self.clip = clip
        self.health: dict[str, Any] = HEALTH
        self.faults: tuple[PageFault, ...] = ()
        self.broken: AgentError | None = None
        self.asked = 0

    def opened(self) -> AbstractContextManager[str]:
        return serving(self)

    def show(self, second: float, seq: int) -> LiveView:
        """Analyse the scene at `second`."""
        at = self.clock.now()
        frame = scene.frame_of(scene.picture(second), at, seq)
        moving = Motion(tuple(_grown(track.box) for track in scene.tracks(second, at)), 0.04)
        self.live["gate"] = LiveView(frame, scene.tracks(second, at), moving)
        return self.live["gate"]

    def add(self, new: PageEvent) -> None:
        """An event with a thumbnail of the frame shown now and the clip."""
        self.events.insert(0, new)
        if new.has_thumb:
            view = self.live["gate"]
            self.thumbs[new.id] = thumbnail(view.frame, [track.box for track in view.tracks[:1]])
        self.clips[new.id] = self.clip

    def data(self, language: Language = "vi") -> PageData:
        return PageData(
            cameras=lambda: self.cameras,
            latest=self._latest,
            events=self._events,
            thumb=self.thumbs.get,
            clip=self.clips.get,
            health=lambda: json.dumps(self.health),
            faults=lambda: self.faults,
            title="Ngõ 12 Nguyễn Trãi",
            language=language,
        )

    def _latest(self, cam: str) -> LiveView | None:
        self.asked += 1
        view = self.live.get(cam)
        if view is None:
            return None
        # A camera that always gave its picture 0.2 s ago, however slow the machine that tests it.
        return replace(view, frame=replace(view.frame, at=self.clock.now().shifted(-0.2)))

    def _events(self, limit: int) -> tuple[PageEvent, ...]:
        if self.broken is not None:
            raise self.broken
        return tuple(self.events[:limit])


class Faults:
    """What the worker reported."""

    def __init__(self) -> None:
        self.errors: Queue[AgentError] = Queue()

    def raised(self, source: str, error: AgentError) -> None:
        self.errors.put(error)

    def cleared(self, source: str) -> None:
        return


@contextmanager
def serving(node: Node, language: Language = "vi") -> Iterator[str]:
    """The page of `node` on a free port, run by a worker as the agent runs it; its address."""
    ports: Queue[int] = Queue()
    worker = Worker(
        "page",
        lambda _: PageJob(PageSection(port=0), node.data(language), node.clock, ports.put),
        Faults(),
        Backoff(),
        node.clock,
    )
    worker.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=60)}"
    finally:
        worker.stop()
        assert worker.join(60)


def _grown(box: Box) -> Box:
    return Box(box.left - 0.012, box.top - 0.012, box.right + 0.012, box.bottom + 0.012)
