"""What people marked by hand in a video: MOTChallenge text in, boxes by picture out, and the tracks they come to.

Lines are `frame,id,left,top,width,height,confidence,...` in pixels, frames from 1; confidence 0 is not to be counted.
Ten columns (MOT15) are all of one class; nine (MOT16 and later) have a class of theirs in column 8; eight are what
`camera-agent replay --tracks` writes, with COCO's class from 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path

from agent.clock import Moment
from agent.config.labels import COCO
from agent.config.units import shown
from agent.errors import ConfigError
from agent.i18n import Text
from agent.system_words import reason
from agent.values import Box, Point, Track

MOT_CLASSES = {1: "person", 2: "person", 3: "car", 4: "bicycle", 5: "motorcycle", 6: "vehicle", 7: "person"}
LARGEST_FILE = 100_000_000
LARGEST_NUMBER = 1e9  # more than any picture's side, any number of a picture and any id; neither nan nor inf is less
PATH_POINTS = 64


@dataclass(frozen=True, slots=True)
class Marked:
    """One object in one picture; `box` in pixels."""

    frame: int
    id: int
    left: float
    top: float
    width: float
    height: float

    def box(self, size: tuple[int, int]) -> Box:
        """0..1 of a picture of that (width, height)."""
        wide, high = size
        return Box(self.left / wide, self.top / high, (self.left + self.width) / wide, (self.top + self.height) / high)


def read_truth(path: Path, label: str) -> Mapping[int, tuple[Marked, ...]]:
    """The objects of class `label` by picture. Raises ConfigError with the line that cannot be read."""
    found: dict[int, dict[int, Marked]] = {}
    for number, line in enumerate(_lines(path), 1):
        marked = _marked(path, number, line, label) if line.strip() else None
        if marked is None:
            continue
        same_picture = found.setdefault(marked.frame, {})
        if marked.id in same_picture:
            raise _unreadable(
                path,
                number,
                Text(
                    en=f"object {marked.id} is marked twice in picture {marked.frame}",
                    vi=f"vật thể {marked.id} được đánh dấu hai lần trong hình {marked.frame}",
                ),
            )
        same_picture[marked.id] = marked
    return {frame: tuple(marks.values()) for frame, marks in found.items()}


def nothing_marked(path: Path, label: str, pictures: int | None = None) -> ConfigError:
    """There is nothing to hold a replay against: in the whole file, or in the `pictures` that were analysed."""
    if pictures is None:
        text = Text(en=f"{path} marks no {label}", vi=f"{path} không đánh dấu {label} nào")
    else:
        text = Text(
            en=f"{path} marks no {label} in the {pictures} pictures that were analysed",
            vi=f"{path} không đánh dấu {label} nào trong {pictures} hình đã phân tích",
        )
    hint = Text(
        en="check that the file belongs to this video, and --class and --until",
        vi="kiểm tra tệp có đúng của video này không, và --class, --until",
    )
    return ConfigError(text, hint)


def _lines(path: Path) -> list[str]:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _unreadable(path, 0, Text(en=f"it has {size} bytes", vi=f"tệp có {size} byte"))
        if not path.is_file():  # a pipe would be waited for, for ever
            raise _unreadable(path, 0, Text(en="not an ordinary file", vi="không phải tệp thông thường"))
        return path.read_text(encoding="utf-8-sig").splitlines()  # editors on Windows write a mark in front
    except OSError as error:
        raise _unreadable(path, 0, reason(error)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, 0, Text(en="no text", vi="không phải văn bản")) from error


def _marked(path: Path, number: int, line: str, label: str) -> Marked | None:
    try:
        columns = [float(part) for part in line.split(",")]
        frame, who, left, top, width, height = columns[:6]
    except ValueError:
        raise _unreadable(path, number, Text(en=shown(line), vi=shown(line))) from None
    if not (frame >= 1 and width > 0 and height > 0 and all(abs(value) < LARGEST_NUMBER for value in columns)):
        raise _unreadable(path, number, Text(en=shown(line), vi=shown(line)))
    if len(columns) > 6 and columns[6] == 0:
        return None
    kind = label
    if len(columns) == 9:
        kind = MOT_CLASSES.get(int(columns[7]), "")
    elif len(columns) == 8:
        kind = COCO[int(columns[7]) - 1] if 1 <= columns[7] <= len(COCO) else ""
    return Marked(int(frame), int(who), left, top, width, height) if kind == label else None


def _unreadable(path: Path, number: int, why: Text) -> ConfigError:
    where = f"{path}:{number}" if number else str(path)
    return ConfigError(
        Text(en=f"{where}: no ground truth: {why.en}", vi=f"{where}: không phải dữ liệu chuẩn: {why.vi}"),
        Text(
            en="MOTChallenge text is expected: frame,id,left,top,width,height,...",
            vi="cần văn bản MOTChallenge: khung,id,trái,trên,rộng,cao,...",
        ),
    )


@dataclass(slots=True)
class _Way:
    first: Moment
    travel: float = 0.0
    path: list[Point] = field(default_factory=list)


class TruePath:
    """Makes tracks of marked boxes, as a tracker without a fault would give them."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._ways: dict[int, _Way] = {}

    def tracks(self, at: Moment, marks: tuple[Marked, ...], size: tuple[int, int]) -> Iterator[Track]:
        """The tracks of one picture of (width, height), in the order of time."""
        for mark in marks:
            box = mark.box(size)
            way = self._ways.setdefault(mark.id, _Way(at))
            if way.path:
                step = box.foot
                way.travel += hypot((step.x - way.path[-1].x) * size[0] / size[1], step.y - way.path[-1].y)
            way.path = [*way.path[1 - PATH_POINTS :], box.foot]
            age_s = at.mono_s - way.first.mono_s
            yield Track(mark.id, self._label, 1.0, box, way.first, at, age_s, way.travel, tuple(way.path))
