"""What trackers are compared on: the same detections for all, with the truth.

Of the street video: real detections, made once per model over the whole picture, without any tracker's say, and kept
in the cache. Of TUD-Campus and TUD-Stadtmitte, whose pictures are not here: boxes made from the truth with seeded
noise, misses and false alarms; their seeds are not those that the tracker's constants were chosen with (1 to 7).
"""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.capture.replay import read_file
from agent.clock import MediaClock
from agent.detection.joined import joined
from agent.pipeline import load_eyes
from agent.values import Box
from bench.peers import shipped_truth
from bench.truth import FPS, HEIGHT, WIDTH, Street, config
from deploy.fetch import cache_dir

FORM = 1  # raised when detections are made in another way, so that nobody measures on old ones
WHOLE = (Box(0.0, 0.0, 1.0, 1.0),)
# Six squares in two rows, each a bit more than half the picture's height: people then have a size that SSD sees.
SIDE, ACROSS = 0.55, 0.55 * HEIGHT / WIDTH
GRID = tuple(
    Box(left, top, left + ACROSS, top + SIDE)
    for top in (0.0, 1.0 - SIDE)
    for left in (0.0, (1.0 - ACROSS) / 2, 1.0 - ACROSS)
)
TUD_SIZE, TUD_FPS = (640, 480), 25

Row = list[float]


@dataclass(frozen=True)
class Sequence:
    """Detections and truth. A detection: left, top, right, bottom in pixels and score. A true box: frame from 0, id,
    left, top, right, bottom.
    """

    fps: float
    size: tuple[int, int]
    frames: list[list[Row]] = field(repr=False)
    truth: list[Row] = field(repr=False)

    def every(self, step: int, first: int = 0) -> "Sequence":
        """Each `step`-th frame, from `first` on."""
        truth = [[(row[0] - first) // step, *row[1:]] for row in self.truth if row[0] % step == first]
        return Sequence(self.fps / step, self.size, self.frames[first::step], truth)

    def backwards(self) -> "Sequence":
        """Played from its end: for a tracker that sees no pictures, another street with other meetings."""
        last = len(self.frames) - 1
        truth = sorted([last - row[0], *row[1:]] for row in self.truth)
        return replace(self, frames=self.frames[::-1], truth=truth)

    def behind(self, left: float, right: float) -> "Sequence":
        """As if a pole stood there: who has his middle between these shares of the width is not seen, nor expected."""

        def hidden(one: float, other: float) -> bool:
            return left <= (one + other) / 2 / self.size[0] <= right

        frames = [[row for row in rows if not hidden(row[0], row[2])] for rows in self.frames]
        return replace(self, frames=frames, truth=[row for row in self.truth if not hidden(row[2], row[4])])


def filmed(street: Street, model: Path, regions: tuple[Box, ...]) -> Sequence:
    """The street video as this model sees it."""
    truth = [
        [each.frame - 1, each.person, *_pixels(each.box, WIDTH, HEIGHT)]
        for each in street.boxes
        if each.frame <= street.frames
    ]
    return Sequence(FPS, (WIDTH, HEIGHT), _detections(street, model, regions), truth)


def _detections(street: Street, model: Path, regions: tuple[Box, ...]) -> list[list[Row]]:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:12]
    stem = f"detections-{FORM}-{digest}-{len(regions)}"
    for path in sorted(cache_dir().glob(f"{stem}-*.json")):
        frames: list[list[Row]] = json.loads(path.read_text(encoding="ascii"))
        if len(frames) >= street.frames:
            return frames[: street.frames]
    settings = config(model)
    eyes = load_eyes(settings.detection)
    frames = []
    for at in read_file(street.video, settings.cameras[0], MediaClock()):
        if len(frames) == street.frames:
            break
        found = joined([(region, eyes.detect(at.frame, region)) for region in regions])
        people = [each for each in found if each.label == "person"]
        frames.append([[*(_pixels(each.box, WIDTH, HEIGHT)), round(each.score, 4)] for each in people])
    path = cache_dir() / f"{stem}-{street.frames}.json"
    path.with_suffix(".part").write_text(json.dumps(frames), encoding="ascii")
    path.with_suffix(".part").rename(path)
    return frames


def made(name: str, seed: int) -> Sequence:
    """A sequence that motmetrics brings the truth of, at its own rate."""
    truth = []
    for line in shipped_truth(name).read_text(encoding="ascii").splitlines():
        frame, person, left, top, width, height = (float(part) for part in line.split(",")[:6])
        truth.append([int(frame) - 1, int(person), left, top, left + width, top + height])
    return Sequence(TUD_FPS, TUD_SIZE, _imagined(truth, TUD_SIZE, random.Random(seed)), truth)


def _imagined(truth: list[Row], size: tuple[int, int], source: random.Random) -> list[list[Row]]:
    """A fifth is missed, edges are off by some hundredths, and in two of five frames something is seen that is not."""
    frames: list[list[Row]] = [[] for _ in range(int(max(row[0] for row in truth)) + 1)]
    for frame, _, left, top, right, bottom in truth:
        if source.random() >= 0.2:
            box = _shaken(left, top, right, bottom, lambda share: source.gauss(0.0, share))
            frames[int(frame)].append([*box, _between(source.gauss(0.65, 0.2))])
    for rows in frames:
        if source.random() < 0.4:
            height = source.uniform(60, 240)
            left, top = source.uniform(0, size[0] - height / 2.5), source.uniform(0, size[1] - height)
            rows.append([left, top, left + height / 2.5, top + height, _between(source.gauss(0.35, 0.15))])
    return frames


def _shaken(left: float, top: float, right: float, bottom: float, off: Callable[[float], float]) -> Row:
    width, height = right - left, bottom - top
    x, y, wide, high = off(0.06) * width, off(0.04) * height, off(0.06) * width, off(0.04) * height
    return [left + x - wide / 2, top + y - high / 2, right + x + wide / 2, bottom + y + high / 2]


def _between(score: float) -> float:
    return min(max(score, 0.1), 0.98)


def _pixels(box: Box, width: int, height: int) -> Row:
    return [round(edge, 3) for edge in (box.left * width, box.top * height, box.right * width, box.bottom * height)]
