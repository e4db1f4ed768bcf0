"""Which sources a camera needs, and how each is opened: one that gives both, or main for packets and sub for frames."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agent.capture.attention import Attention
from agent.capture.counts import Counts
from agent.capture.file import FileSource
from agent.capture.isolated.aside import Aside
from agent.capture.rtsp import open_rtsp
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.values import Frame, Packet


class Source(Protocol):
    """An open camera; opening it raised CameraError when it could not be."""

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What came within about a second, often nothing; None at the end of a file that does not loop.

        Raises CameraError when the camera is gone; the source is then closed and a fresh one opened.
        """

    def counts(self) -> Counts:
        """What was done since the source was opened."""

    def close(self) -> None:
        """Give the camera back, within a second or two whatever its driver does."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One thread's worth of a camera. `open` is called anew after each failure."""

    name: str  # of the thread: capture-ID or capture-ID-sub
    wants: Wants
    open: Callable[[threading.Event], Source] = field(repr=False)


def plan_sources(
    camera: CameraSection,
    clock: Clock,
    secret: Callable[[], str] | None,
    attention: Attention | None = None,
    aside: Aside | None = None,
) -> tuple[SourcePlan, ...]:
    """The main source first. Opens nothing yet. `aside` knows the children that hold cameras, over all of them."""
    held = aside or Aside()

    def password() -> str | None:
        return secret() if secret is not None else None  # read anew: it may have been corrected

    def plan(suffix: str, wants: Wants, opener: Callable[[Reading], Source]) -> SourcePlan:
        return SourcePlan(
            f"capture-{camera.id}{suffix}", wants, lambda stop: opener(Reading(clock, wants, stop, attention))
        )

    both, packets, frames = (Wants(*wanted) for wanted in ((True, True), (True, False), (False, True)))
    if camera.kind == "file":
        return (plan("", both, lambda reading: FileSource(camera, reading)),)
    # Each kind is loaded by nodes that have such a camera only: together half a megabyte.
    if camera.kind == "v4l2":
        from agent.capture.isolated.job import open_isolated  # noqa: PLC0415

        return (plan("", both, lambda reading: open_isolated(camera, reading, held)),)
    if camera.kind == "picamera2":
        from agent.capture.picamera2 import open_picamera2  # noqa: PLC0415

        return (plan("", both, lambda reading: open_picamera2(camera, reading, held)),)
    if camera.kind == "argus":
        from agent.capture.argus import open_argus  # noqa: PLC0415

        return (plan("", both, lambda reading: open_argus(camera, reading, held)),)
    sub = camera.sub
    if sub is None:
        return (plan("", both, lambda reading: open_rtsp(camera, camera.source, reading, password())),)
    return (
        plan("", packets, lambda reading: open_rtsp(camera, camera.source, reading, password())),
        plan("-sub", frames, lambda reading: open_rtsp(camera, sub, reading, password())),
    )
