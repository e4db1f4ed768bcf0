"""What footage writes to the card in each mode, for the same film and events: python -m bench.writes_events HOURS.

One camera of 2 Mbit/s, an event of 20 s every so often, on a clock that runs ahead; the card's folder is looked at
before and after. Nothing is removed meanwhile, so its growth is what was written, but for the log of its index.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Literal

from agent.app.footage import make_footage
from agent.app.ring import in_memory
from agent.clock import MediaClock
from agent.config.load import load_config
from agent.config.model import Config, FootageSection
from agent.config.reference import MINIMAL
from agent.footage.jobs import FootageJob
from agent.footage.kept import EventFootage
from agent.footage.queue import PacketQueue
from agent.footage.store import Hooks
from agent.values import ClipWanted, Packet, StreamFormat
from bench.truth import Absent

Mode = Literal["continuous", "events"]
BASE = Fraction(1, 90_000)
FORM = StreamFormat("mpeg4", 320, 240, BASE, b"\x00\x00\x01\xb0\x01" * 8)
PICTURE = 250_000  # bytes of a second: 2 Mbit/s, as one picture
EVENT_S, BEFORE_S, AFTER_S = 20, 5, 5
MEMORY = Path("/dev/shm")
DAY_H = 24.0


def card_mb_day(mode: Mode, events_a_day: int, hours: float) -> float:
    """Megabytes that the card's folder of footage would grow by in a day. Raises Absent where nothing is in memory."""
    if not in_memory(MEMORY):
        raise Absent(f"{MEMORY} is not in memory")
    runtime = Path(tempfile.mkdtemp(dir=MEMORY))
    before = os.environ.get("RUNTIME_DIRECTORY")
    os.environ["RUNTIME_DIRECTORY"] = str(runtime)
    try:
        with tempfile.TemporaryDirectory() as name:
            return _grown(Path(name), mode, events_a_day, hours) / 1e6 * DAY_H / hours
    finally:
        shutil.rmtree(runtime, ignore_errors=True)
        os.environ.pop("RUNTIME_DIRECTORY")
        if before is not None:
            os.environ["RUNTIME_DIRECTORY"] = before


def _grown(data: Path, mode: Mode, events_a_day: int, hours: float) -> int:
    clock, queue = MediaClock(), PacketQueue()
    footage = make_footage(_config(data, mode), clock, Hooks())
    job = FootageJob(footage, queue, clock)
    every_s = round(86_400 / events_a_day)
    folder = data / "footage"
    begun = _size(folder)
    for second in range(round(hours * 3600)):
        clock.advance(float(second))
        at, ticks = clock.now(), second * BASE.denominator
        if second % every_s == every_s // 2 and isinstance(footage, EventFootage):
            start, end = at.shifted(-BEFORE_S), at.shifted(EVENT_S + AFTER_S)
            footage.cover(ClipWanted(f"event-{second}", "cong", start, end, end))
        queue.put([Packet("cong", 1, at, ticks, ticks, BASE.denominator, True, FORM, bytes(PICTURE))])
        job.run_once()
    footage.close()
    return _size(folder) - begun


def _config(data: Path, mode: Mode) -> Config:
    file = data / "node.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    made = load_config(file)
    section = FootageSection.model_validate({"mode": mode, "keep_free": "0B", "budget": "100GB"})
    return made.model_copy(update={"node": made.node.model_copy(update={"data_dir": data}), "footage": section})


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(hours: float, told: Callable[[str], None] = print) -> dict[str, float]:
    """Of both modes, with few events and with many."""
    figures = {"continuous": card_mb_day("continuous", 30, hours)}
    figures |= {f"events_{count}": card_mb_day("events", count, hours) for count in (30, 300)}
    for name, mb in figures.items():
        told(f"{name:<14}{mb:>10.0f} MB a day")
    return {name: round(mb, 1) for name, mb in figures.items()}


if __name__ == "__main__":
    table(float(sys.argv[1]))
