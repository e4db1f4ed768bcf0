"""Which sources a camera needs, and how each is opened: one that gives both, or main for packets and sub for frames."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agent.capture.file import FileSource
from agent.capture.rtsp import open_rtsp
from agent.capture.stream import StreamReader, Wants
from agent.capture.v4l2 import open_v4l2
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.values import Frame, Packet


class Source(Protocol):
    """An open camera; opening it raised CameraError when it could not be."""

    reader: StreamReader

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What one demuxed packet gives, often nothing; None at the end of a file that does not loop."""

    def close(self) -> None:
        """Give the camera back."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One thread's worth of a camera. `open` is called anew after each failure."""

    name: str  # of the thread: capture-ID or capture-ID-sub
    wants: Wants
    open: Callable[[threading.Event], Source] = field(repr=False)


def plan_sources(camera: CameraSection, clock: Clock, secret: str | None) -> tuple[SourcePlan, ...]:
    """The main source first. Opens nothing yet."""
    name = f"capture-{camera.id}"
    both = Wants(packets=True, frames=True)
    if camera.kind == "file":
        return (SourcePlan(name, both, lambda stop: FileSource(camera, clock, both, stop)),)
    if camera.kind == "v4l2":
        return (SourcePlan(name, both, lambda _: open_v4l2(camera, clock, both)),)
    sub = camera.sub
    if sub is None:
        return (SourcePlan(name, both, lambda _: open_rtsp(camera, camera.source, clock, both, secret)),)
    packets, frames = Wants(packets=True, frames=False), Wants(packets=False, frames=True)
    return (
        SourcePlan(name, packets, lambda _: open_rtsp(camera, camera.source, clock, packets, secret)),
        SourcePlan(f"{name}-sub", frames, lambda _: open_rtsp(camera, sub, clock, frames, secret)),
    )
