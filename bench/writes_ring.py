"""A ring of footage in its steady state, driven by a clock that runs ahead: python -m bench.writes_ring DIR CAMS HOURS.

The ring is full from the start, so new segments make old ones go. Segments are tiny; their count, their rows and all
else that is written for them are those of cameras that record without a pause.
"""

import sys
from fractions import Fraction
from pathlib import Path

from agent.clock import MediaClock
from agent.config.model import FootageSection
from agent.footage.dates import Dates
from agent.footage.index import Index
from agent.footage.jobs import FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.footage.stored import Stored
from agent.values import Packet, Segment, StreamFormat

ROWS = 3_200  # 8 GB of cameras at 2 Mbit/s
SEGMENT_S = 10
BASE = Fraction(1, 90_000)
BYTES = 3_325  # what a segment of two pictures has here
FORM = StreamFormat("mpeg4", 320, 240, BASE, b"\x00\x00\x01\xb0\x01" * 8)


def filled(directory: Path, cams: int) -> int:
    """An index of full size, and files as long as its rows say; returns when the newest of them ended, in seconds."""
    directory.mkdir(parents=True)
    index = Index(directory, Dates(directory))
    at = MediaClock().now()
    for number in range(ROWS):
        cam, start = f"cam{number % cams}", at.shifted(number // cams * SEGMENT_S)
        path = directory / cam / f"20260101T000000Z-replay-{start.mono_ns}.mp4"
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.truncate(BYTES)
        index.add(Stored(Segment(0, cam, 1, path, start, float(SEGMENT_S), BYTES, FORM), start.mono_ns))
    index.damaged = False
    index.close()
    return ROWS // cams * SEGMENT_S


def drive(directory: Path, cams: int, hours: float) -> None:
    """Records for so long, in the time that the machine needs for it."""
    begin_s = filled(directory, cams)
    clock = MediaClock()
    clock.advance(begin_s)
    bounds = {"budget": f"{ROWS * BYTES}B", "keep_free": "0B", "floor": "0B", "segment": f"{SEGMENT_S}s"}
    section = FootageSection.model_validate(bounds)
    footage = Footage(directory, section, 365, clock)
    queue = PacketQueue()
    job = FootageJob(footage, queue, clock)
    print("begun", flush=True)
    for second in range(0, round(hours * 3600), SEGMENT_S // 2):
        clock.advance(begin_s + second)
        ticks = second * BASE.denominator
        for cam in range(cams):
            data = bytes(1000)
            queue.put([Packet(f"cam{cam}", 2, clock.now(), ticks, ticks, 450_000, True, FORM, data)])
        job.run_once()
    size = sum(footage.state(f"cam{cam}").bytes for cam in range(cams))
    assert size <= section.budget * 1.05, "the ring is not kept"
    footage.close()


if __name__ == "__main__":
    drive(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
