"""Packets as a camera would have given them at a chosen time, from a video file; and a look into what came out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from agent.clock import NS, Moment
from agent.config.model import FootageSection
from agent.footage.store import Footage, Hooks
from agent.values import Clip, ClipWanted, Packet, StreamFormat
from tests.capture.clocks import WALL_NS, HandClock

CAM = "gate"


def moment(mono_s: float, boot_id: str = "boot-a", trusted: bool = True) -> Moment:
    return Moment(round(mono_s * NS), WALL_NS + round(mono_s * NS), trusted, boot_id)


def recorded(video: Path, at: Moment, run: int = 1, cam: str = CAM, stamp_s: float = 0.0) -> list[Packet]:
    """All packets of `video`, its first picture taken at `at`, stamps from `stamp_s` on."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        context, base = stream.codec_context, Fraction(stream.time_base or 1)
        form = StreamFormat(context.name, context.width, context.height, base, context.extradata or b"")
        found: list[Packet] = []
        first: int | None = None
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None or not packet.size:
                continue
            first = packet.pts if first is None else first
            shift = round(Fraction(stamp_s) / base) - first
            taken = at.shifted(float((packet.pts - first) * base))
            stamps = (packet.pts + shift, packet.dts + shift, packet.duration or 0)
            found.append(Packet(cam, run, taken, *stamps, bool(packet.is_keyframe), form, bytes(packet)))
        return found


def footage(
    directory: Path,
    clock: HandClock,
    max_days: float = 30,
    progress: Callable[[int, int], None] = lambda done, total: None,
    **settings: object,
) -> Footage:
    section = {"segment": "1s", "keep_free": "0B", "floor": "0B", **settings}
    return Footage(
        directory / "footage", FootageSection.model_validate(section), max_days, clock, Hooks(progress=progress)
    )


def write(store: Footage, packets: Sequence[Packet]) -> None:
    for packet in packets:
        store.write(packet)


def wanted(start: Moment, end: Moment, name: str = "event-1") -> ClipWanted:
    return ClipWanted(name, CAM, start, end, end)


@dataclass(frozen=True)
class Seen:
    """What a player sees: the time of each picture, and its brightness in the corner that numbers the drawn ones."""

    times_s: tuple[float, ...]
    numbers: tuple[int, ...]
    size: tuple[int, int]


def look(path: Path) -> Seen:
    """Decodes everything; any damage raises."""
    times, numbers, size = [], [], (0, 0)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for picture in container.decode(stream):
            assert not picture.is_corrupt
            times.append(float((picture.pts or 0) * Fraction(stream.time_base or 1)))
            corner = picture.reformat(format="rgb24").to_ndarray()[4:12, 4:12].mean()
            numbers.append(round(corner / 5))
            size = (picture.width, picture.height)
    return Seen(tuple(times), tuple(numbers), size)


def gaps_s(clip: Clip) -> list[tuple[float, float, str]]:
    """Monotonic seconds."""
    return [
        (round((gap.from_ns - WALL_NS) / NS, 3), round((gap.to_ns - WALL_NS) / NS, 3), gap.cause) for gap in clip.gaps
    ]


def span_s(clip: Clip) -> tuple[float, float]:
    return (round((clip.start_ns - WALL_NS) / NS, 3), round((clip.end_ns - WALL_NS) / NS, 3))
