"""What the agent asks of the camera: its job, there and back through JSON. Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Rectangle = tuple[
    int, int, int, int
]  # left, top, right, bottom in pixels of luma; right and bottom do not belong to it
Size = tuple[int, int]  # width, height


@dataclass(frozen=True)
class Settings:
    """One Raspberry Pi camera. Times in seconds."""

    number: int  # from 0
    main: Size
    lores: Size
    fps: int
    bitrate: int  # bits per second
    rotation: int  # 0 or 180
    exposure: str  # normal, short, long
    exposure_time: float | None
    light: str  # auto, day, night
    hdr: str  # off, single, sensor
    focus: str  # auto, once, fixed
    focus_distance: float  # dioptres
    analysis_fps: float
    idle_every: float
    patience: float  # no picture for so long is a fault
    main_masks: tuple[Rectangle, ...] = ()
    lores_masks: tuple[Rectangle, ...] = ()
    pixel_format: str = "YUV420"  # asked for; NV12 is understood too

    @classmethod
    def taken(cls, job: Mapping[str, Any]) -> "Settings":
        """From JSON, where there are no tuples. Raises TypeError, ValueError."""
        changed = {
            "main": _size(job["main"]),
            "lores": _size(job["lores"]),
            "main_masks": _rectangles(job["main_masks"]),
            "lores_masks": _rectangles(job["lores_masks"]),
        }
        return cls(**{**job, **changed})

    @property
    def job(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def _size(pair: Sequence[int]) -> Size:
    width, height = pair
    return int(width), int(height)


def _rectangles(rows: Sequence[Sequence[int]]) -> tuple[Rectangle, ...]:
    return tuple((int(left), int(top), int(right), int(bottom)) for left, top, right, bottom in rows)
