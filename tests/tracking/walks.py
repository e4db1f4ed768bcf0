"""Scripted people, the detections of them, and a tracker that is fed frame by frame."""

from collections.abc import Sequence

import numpy as np

from agent.clock import MediaClock
from agent.tracking import Sighting, Tracker
from agent.values import Box, Detection, Motion, Picture, Small, Track

ASPECT = 4 / 3
FPS = 10
WHOLE = Box(0.0, 0.0, 1.0, 1.0)
WIDTH, HEIGHT = 768, 576
BLANK: Picture = np.zeros((144, 192), np.uint8)


def person(x: float, y: float = 0.5, height: float = 0.2) -> Box:
    """A person whose middle is at x, y."""
    width = height / 3
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def seen(box: Box, score: float = 0.8, label: str = "person") -> Detection:
    return Detection(box, label, score)


class Scene:
    """Feeds a tracker. Unless told: 10 frames a second, everything moves, the whole picture is searched."""

    def __init__(self, tracker: Tracker | None = None, fps: float = FPS) -> None:
        self.tracker = tracker or Tracker()
        self.clock = MediaClock()
        self.fps = fps
        self.shown: list[tuple[float, tuple[Track, ...]]] = []
        self.step = 0
        self.luma = BLANK

    def feed(
        self,
        *detections: Detection,
        regions: Sequence[Box] = (WHOLE,),
        motion: Motion | None = None,
    ) -> tuple[Track, ...]:
        self.clock.advance(self.step / self.fps)
        self.step += 1
        motion = motion or Motion((WHOLE,), 1.0)
        small = Small(self.clock.now(), 0, WIDTH, HEIGHT, lambda: self.luma)
        tracks = self.tracker.update(Sighting(small, detections, regions, motion))
        self.shown.append((self.clock.mono_s(), tracks))
        return tracks

    def number_near(self, box: Box, second: float) -> int | None:
        """Who was shown there then."""
        _, tracks = min(self.shown, key=lambda one: abs(one[0] - second))
        near = [track for track in tracks if track.box.iou(box) >= 0.3]
        return max(near, key=lambda track: track.box.iou(box)).id if near else None
