"""The street video with its ground truth: where both are, the true boxes per frame, and the same as confirmed Tracks.

The truth (PETS09-S2L1, in pixels of 768x576, frames from 1) is not part of this repository; `Absent` says what to get.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent.clock import MediaClock, Moment
from agent.config.model import Config
from agent.values import Box, Point, Track
from deploy import assets

WIDTH, HEIGHT = 768, 576
FPS = 10
FRAMES = 795
QUICK_FRAMES = 300


class Absent(Exception):
    """Something that a benchmark measures on is not here."""


@dataclass(frozen=True, slots=True)
class TrueBox:
    """One person in one frame, as people marked it by hand."""

    frame: int
    person: int
    box: Box


@dataclass(frozen=True, slots=True)
class Street:
    """The video, and the truth of its first `frames` pictures."""

    video: Path
    frames: int
    boxes: tuple[TrueBox, ...] = field(repr=False)

    def by_frame(self) -> dict[int, list[Box]]:
        """True boxes of each frame that has any."""
        result: dict[int, list[Box]] = {}
        for each in self.boxes:
            result.setdefault(each.frame, []).append(each.box)
        return result

    def tracks(self) -> Iterator[tuple[Moment, tuple[Track, ...]]]:
        """What a perfect tracker would give for each frame in turn."""
        clock = MediaClock()
        first: dict[int, Moment] = {}
        present: dict[int, list[TrueBox]] = {}
        for each in self.boxes:
            present.setdefault(each.frame, []).append(each)
        for frame in range(1, self.frames + 1):
            clock.advance((frame - 1) / FPS)
            at = clock.now()
            yield at, tuple(_track(at, first.setdefault(each.person, at), each) for each in present.get(frame, ()))


def street(quick: bool) -> Street:
    """Video and truth, all of it or the first half minute. Raises Absent."""
    truth = assets.vtest_truth()
    if truth is None:
        raise Absent(
            "the ground truth is not here: put gt.txt of PETS09-S2L1, from MOTChallenge 2015, "
            "at ../shared/data/video/vtest.PETS09-S2L1.gt.txt"
        )
    video = assets.street_video()
    if video.rendered:
        raise Absent("the real street video could not be had, and a drawn one has no ground truth")
    frames = QUICK_FRAMES if quick else FRAMES
    return Street(video.path, frames, tuple(each for each in read_truth(truth) if each.frame <= frames))


def read_truth(path: Path) -> Iterator[TrueBox]:
    """MOTChallenge text: frame, id, left, top, width, height, …, in pixels."""
    for line in path.read_text(encoding="ascii").splitlines():
        frame, person, left, top, width, height = (float(part) for part in line.split(",")[:6])
        box = Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
        yield TrueBox(int(frame), int(person), box)


def config(model: Path | None, line: tuple[Point, Point] | None = None) -> Config:
    """One camera `street` at the video's own rate; with `line`, one rule that counts who crosses it."""
    camera: dict[str, object] = {"id": "street", "source": "street.mp4", "analysis_fps": FPS}
    if line:
        camera["lines"] = {"across": [[point.x, point.y] for point in line]}
        camera["rules"] = [{"rule": "line_crossing", "line": "across"}]
    return Config.model_validate(
        {
            "node": {"ward": "bench", "id": "bench"},
            "mqtt": {"url": "mqtts://localhost:8883"},
            "retention": {"max_days": 30},
            "detection": {"model": str(model) if model else None},
            "cameras": [camera],
        }
    )


def _track(at: Moment, first: Moment, each: TrueBox) -> Track:
    return Track(each.person, "person", 1.0, each.box, first, at, at.mono_s - first.mono_s, 1.0)
