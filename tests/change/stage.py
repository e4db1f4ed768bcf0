"""A drawn place, things put there and taken away by somebody who walks past, and a finder that watches."""

import numpy as np

from agent.change import ChangeFinder
from agent.clock import MediaClock
from agent.shrink import shrunk
from agent.values import Box, Motion, Picture, StaticChange, Track
from tests.motion.pictures import frame, noisy
from tests.view.pictures import street

SPOT = Box(0.4, 0.5, 0.5, 0.7)


def place() -> Picture:
    """Half a street, half plain pavement."""
    picture = street(3)
    picture[160:, 100:] = 110
    return picture


def thing(picture: Picture, box: Box = SPOT, level: int = 210) -> Picture:
    """A crate with a stripe."""
    height, width = picture.shape
    drawn: Picture = picture.copy()
    top, bottom = round(box.top * height), round(box.bottom * height)
    left, right = round(box.left * width), round(box.right * width)
    drawn[top:bottom, left:right] = level
    drawn[(top + bottom) // 2 - 6 : (top + bottom) // 2 + 6, left:right] = 40
    return drawn


class Stage:
    """Shows pictures twice a second; `moving` is where motion is told."""

    def __init__(self) -> None:
        self.finder = ChangeFinder()
        self.now_s = 0.0
        self.changes: tuple[StaticChange, ...] = ()
        self._count = 0

    def show(
        self,
        picture: Picture,
        seconds: float,
        moving: tuple[Box, ...] = (),
        tracks: tuple[Track, ...] = (),
        every_s: float = 0.5,
    ) -> tuple[StaticChange, ...]:
        """The same picture, with fresh noise, for so long."""
        for _ in range(round(seconds / every_s)):
            small = shrunk(frame(noisy(picture, self._count, 2.0), self.now_s))
            self.changes = self.finder.update(small, Motion(moving, 0.1), tracks)
            self.now_s += every_s
            self._count += 1
        return self.changes

    def put(self, before: Picture, after: Picture, box: Box = SPOT) -> None:
        """Somebody is busy at `box` for two seconds; then it is another picture."""
        self.show(thing(before, box, level=20), 2, (box,))
        self.show(after, 1, (box,))

    def track(self, id_: int, label: str, box: Box) -> Track:
        clock = MediaClock()
        clock.advance(self.now_s)
        return Track(id_, label, 0.8, box, clock.now(), clock.now(), 10.0, 0.0)


def drift(picture: Picture, gain: float, offset: float = 0.0) -> Picture:
    """The same in another light."""
    return np.asarray(np.clip(picture * gain + offset, 0, 255), dtype=np.uint8)
