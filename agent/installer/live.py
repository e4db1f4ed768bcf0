"""The live picture for whoever watches: drawn only then, once per frame for all viewers, at most five times a second.

Drawing runs on a thread of its own, off the event loop and off vision. A viewer that is slow gets fewer pictures; one
that takes nothing for ten seconds is let go.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from dataclasses import dataclass

from agent.i18n import Language
from agent.installer.doors import CameraView, LiveView, PageData
from agent.installer.overlay import LIVE_QUALITY, Overlay, jpeg

MAX_VIEWERS = 4
PERIOD_S = 0.2
REPEAT_S = 1.0
STALLED_S = 10.0
BOUNDARY = "picture"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished picture of one frame in one language."""

    run: int
    seq: int
    data: bytes

    def shows(self, view: LiveView) -> bool:
        """Is it of this very frame?"""
        return (self.run, self.seq) == (view.frame.run, view.frame.seq)


class LivePictures:
    """Draws on demand and shares what is drawn. Lives on one event loop."""

    def __init__(self, data: PageData, pen: Executor) -> None:
        self.viewers = 0
        self.closing = asyncio.Event()
        self._data = data
        self._pen = pen  # one thread: `Overlay` is used by one at a time
        self._overlays: dict[Language, Overlay] = {}
        self._drawn: dict[tuple[str, Language], Drawn] = {}
        self._lock = asyncio.Lock()

    async def picture(self, camera: CameraView, language: Language) -> Drawn | None:
        """The latest frame with what was found in it; None while there is none."""
        view = self._data.latest(camera.id)
        if view is None:
            return None
        async with self._lock:
            drawn = self._drawn.get((camera.id, language))
            if drawn is None or not drawn.shows(view):
                loop = asyncio.get_running_loop()
                drawn = await loop.run_in_executor(self._pen, self._draw, camera, view, language)
                self._drawn[camera.id, language] = drawn
            return drawn

    async def stream(self, camera: CameraView, language: Language) -> AsyncIterator[bytes]:
        """The parts of a multipart answer, one for each new frame (a still one repeated), until the page closes."""
        yield f"--{BOUNDARY}\r\n".encode()
        last, quiet = None, 0
        while not self.closing.is_set():
            drawn = await self.picture(camera, language)
            quiet += 1
            # A picture that stands still is sent again now and then: browsers show the first only when a second comes.
            if drawn is not None and (drawn is not last or quiet * PERIOD_S >= REPEAT_S):
                last, quiet = drawn, 0
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(drawn.data)}\r\n\r\n"
                # The next boundary leaves with this part: browsers show a part only when they have seen its end.
                yield head.encode() + drawn.data + f"\r\n--{BOUNDARY}\r\n".encode()
            await self._pause()

    def forget(self) -> None:
        """Let go of the pictures when nobody watches."""
        self._drawn.clear()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), PERIOD_S)
        except asyncio.TimeoutError:
            return

    def _draw(self, camera: CameraView, view: LiveView, language: Language) -> Drawn:
        if language not in self._overlays:
            self._overlays[language] = Overlay(language)
        picture = self._overlays[language].draw(camera, view)
        return Drawn(view.frame.run, view.frame.seq, jpeg(picture, LIVE_QUALITY))
