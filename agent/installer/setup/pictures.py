"""The live picture without anything on it: encoded once per frame for all who watch, and only while somebody does."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from dataclasses import dataclass

from agent.installer.doors import LiveView
from agent.installer.overlay import bgr, jpeg
from agent.installer.setup.doors import SetupDoors

MOST_VIEWERS = 4
NARROWEST, USUAL, WIDEST = 320, 960, 1280
QUALITY = 80
PERIOD_S = 0.2
REPEAT_S = 1.0
PATIENCE_S = 3.0
STALLED_S = 10.0
BOUNDARY = "picture"


@dataclass(frozen=True, slots=True)
class _Encoded:
    run: int
    seq: int
    data: bytes


class Pictures:
    """Lives on the page's event loop; `pen` is one thread."""

    def __init__(self, doors: SetupDoors, pen: Executor) -> None:
        self.viewers = 0
        self.closing = asyncio.Event()
        self._doors = doors
        self._pen = pen
        self._encoded: dict[tuple[str, int], _Encoded] = {}
        self._lock = asyncio.Lock()

    async def view(self, cam: str, patient: bool = False) -> LiveView | None:
        """The newest; waited for a little when looking begins, because nothing is kept while nobody looks."""
        end_s = self._doors.now_s() + (PATIENCE_S if patient else 0.0)
        while True:
            view = self._doors.latest(cam)
            if view is not None or self.closing.is_set() or self._doors.now_s() >= end_s:
                return view
            await self._pause()

    async def picture(self, cam: str, width: int = USUAL, patient: bool = False) -> bytes | None:
        """A JPEG of now; None while there is none."""
        view = await self.view(cam, patient)
        if view is None:
            return None
        width = min(max(width, NARROWEST), WIDEST) // 64 * 64  # few widths: each is kept
        async with self._lock:
            kept = self._encoded.get((cam, width))
            if kept is None or (kept.run, kept.seq) != (view.frame.run, view.frame.seq):
                data = await asyncio.get_running_loop().run_in_executor(self._pen, _encode, view, width)
                kept = self._encoded[cam, width] = _Encoded(view.frame.run, view.frame.seq, data)
        return kept.data

    async def stream(self, cam: str) -> AsyncIterator[bytes]:
        """The parts of a multipart answer, one for each new frame (a still one repeated), until the page closes."""
        yield f"--{BOUNDARY}\r\n".encode()
        last, quiet = b"", 0
        while not self.closing.is_set():
            data = await self.picture(cam)
            quiet += 1
            # Browsers show a picture only when the next begins: one that stands still is sent again.
            if data is not None and (data is not last or quiet * PERIOD_S >= REPEAT_S):
                last, quiet = data, 0
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                yield head.encode() + data + f"\r\n--{BOUNDARY}\r\n".encode()
            await self._pause()

    def forget(self) -> None:
        """Let go of the pictures when nobody watches."""
        self._encoded.clear()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), PERIOD_S)
        except asyncio.TimeoutError:
            return


def _encode(view: LiveView, width: int) -> bytes:
    return jpeg(bgr(view.frame, width), QUALITY)
