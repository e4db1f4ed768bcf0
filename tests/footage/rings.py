"""A node's footage with its ring in memory; as a program, one that records and waits to be killed:
python -m tests.footage.rings DATA RING VIDEO.
"""

import sys
from pathlib import Path

from agent.app.footage import make_footage
from agent.config.load import load_config
from agent.config.model import Config
from agent.config.reference import MINIMAL
from agent.config.storage import FootageSection
from agent.footage.doors import AnyFootage
from agent.footage.kept import EventFootage
from agent.footage.store import Footage, Hooks
from agent.values import ClipWanted, Packet
from tests.capture.clocks import HandClock
from tests.footage.recording import CAM, moment, recorded, wanted


def config(data: Path, mode: str = "events", **settings: str) -> Config:
    file = data.parent / "node.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    made = load_config(file)
    told = {"mode": mode, "segment": "1s", "keep_free": "0B", "floor": "0B", "memory": "20MB", **settings}
    section = FootageSection.model_validate(told)
    return made.model_copy(update={"node": made.node.model_copy(update={"data_dir": data}), "footage": section})


def opened(data: Path, clock: HandClock, mode: str, **settings: str) -> AnyFootage:
    return make_footage(config(data, mode, **settings), clock, Hooks())


def events_mode(data: Path, clock: HandClock, **settings: str) -> EventFootage:
    store = opened(data, clock, "events", **settings)
    assert isinstance(store, EventFootage)
    return store


def continuous(data: Path, clock: HandClock, **settings: str) -> Footage:
    store = opened(data, clock, "continuous", **settings)
    assert isinstance(store, Footage)
    return store


def film(video: Path, begin_s: int, seconds: int) -> list[Packet]:
    """The 4 s of `video` again and again, as one run whose stamps go on."""
    return [
        packet
        for second in range(begin_s, begin_s + seconds, 4)
        for packet in recorded(video, moment(second), stamp_s=second)
    ]


def play(store: AnyFootage, clock: HandClock, packets: list[Packet]) -> None:
    """Each packet when it comes; every ten seconds what the worker does besides."""
    looked_s = clock.mono_s()
    for packet in packets:
        clock.mono_ns = max(clock.mono_ns, packet.at.mono_ns)
        store.write(packet)
        if clock.mono_s() - looked_s >= 10:
            looked_s = clock.mono_s()
            store.settle()
            store.redate(clock)
            store.expire()
            store.enter()


def covers(start_s: float, end_s: float, name: str = "event-1") -> ClipWanted:
    return wanted(moment(start_s), moment(end_s), name)


def on_card(data: Path) -> list[int]:
    """In which second of the monotonic clock each file on the card begins."""
    return [round(int(path.stem.split("-")[-1]) / 1e9) for path in files(data / "footage")]


def files(directory: Path) -> list[Path]:
    return sorted((directory / CAM).glob("*.mp4"))


def everything(directory: Path) -> dict[str, tuple[int, int]]:
    """Length and time of change of every file."""
    stats = {str(path): path.stat() for path in sorted(directory.rglob("*")) if path.is_file()}
    return {name: (one.st_size, one.st_mtime_ns) for name, one in stats.items()}


def main() -> None:
    data, video = Path(sys.argv[1]), Path(sys.argv[2])
    clock = HandClock()
    play(events_mode(data, clock), clock, film(video, 1000, 20))
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
