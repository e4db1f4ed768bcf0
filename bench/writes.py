"""Own writes besides footage: what the agent writes to the card in a day, other than segments and clips, part by part.

Two measurements with strace(1). A ring in its steady state, with a clock that runs ahead, for what footage itself
writes beside its segments. And a real node with one camera, a model and a broker for everything else: what it writes
for each event (taken times EVENTS a day), and what it writes whether or not anything happens. Bytes are those of write
calls; a file system adds its journal to them (docs/design/footage.md).
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from bench.live import ROAD, Ear, wait_for
from bench.traced import by_part, traced, written
from bench.truth import Absent
from deploy.assets import ssd_model, street_video
from deploy.ward import Ward, WardOptions

EVENTS = 300  # a day
DAY_S = 86_400.0
WARM_UP_S = 8.0
VOLATILE = ("/dev/", "/run/", "/proc/", "/sys/")


def run(quick: bool) -> dict[str, object]:
    """mb_day: one camera; mb_day_4cams: four, with four times the events."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with ThreadPoolExecutor() as aside:  # bytes are counted, not time: all of it may run at once
            lengths = {cams: hours(cams, quick) for cams in (1, 4)}
            running = {
                cams: aside.submit(ring_mb_day, directory / f"ring{cams}", cams, length)
                for cams, length in lengths.items()
            }
            steady, per_event, events = node_mb(directory, 14.0 if quick else 600.0)
            rings = {cams: ring.result() for cams, ring in running.items()}
    print(f"{'MB a day':<26}{'1 camera':>10}{'4 cameras':>11}")
    rows = {f"footage: {part}": (rings[1].get(part, 0.0), rings[4].get(part, 0.0)) for part in {**rings[1], **rings[4]}}
    rows |= {f"{EVENTS} events each: {part}": (mb * EVENTS, 4 * mb * EVENTS) for part, mb in per_event.items()}
    rows |= {part: (mb, mb) for part, mb in steady.items()}
    for part, (one, four) in sorted(rows.items()):
        print(f"{part:<26}{one:>10.1f}{four:>11.1f}")
    one, four = (sum(row[number] for row in rows.values()) for number in (0, 1))
    print(f"{'all':<26}{one:>10.1f}{four:>11.1f}   ({events} events were measured)")
    return {
        "mb_day": round(one, 1),
        "mb_day_4cams": round(four, 1),
        "index_mb_day": round(rings[1].get("index", 0.0), 1),
        "parts": {part: round(row[0], 2) for part, row in sorted(rows.items())},
        "events_measured": events,
        "quick": quick,
    }


def hours(cams: int, quick: bool) -> float:
    """So many that a few hundred segments are made, or a day's."""
    return (0.5 if quick else 24.0) / cams


def ring_mb_day(directory: Path, cams: int, length_h: float) -> dict[str, float]:
    """What footage writes beside its segments, in MB a day."""
    told, log = directory.with_suffix(".trace"), directory.with_suffix(".log")
    command = (sys.executable, "-m", "bench.writes_ring", str(directory), str(cams), str(length_h))
    with traced(command, told, log) as process:
        code = process.wait()
    if code:
        raise Absent(f"the ring failed: {log.read_text(errors='replace')[-300:]}")
    calls = written(told)
    begun = next((number for number, call in enumerate(calls) if call.path == str(log)), 0)
    sums = by_part(calls[begun:], lambda path: ring_part(path, directory))
    return {part: size / 1e6 * 24 / length_h for part, size in sums.items() if part != "segments"}


def ring_part(path: str, directory: Path) -> str | None:
    """Which part of a ring a file belongs to."""
    if not path.startswith(f"{directory}/"):
        return None
    name = path.rsplit("/", 1)[-1]
    if ".mp4" in name:
        return "segments"
    return "index" if name.startswith("index.sqlite") else name.split(".")[0]


def node_mb(directory: Path, seconds: float) -> tuple[dict[str, float], dict[str, float], int]:
    """Of a real node beside its footage: MB a day of each part, MB per event of each part, how many events."""
    data = directory / "data"
    told, log = directory / "node.trace", directory / "node.log"
    with Ward.start(directory / "ward", WardOptions()) as ward:
        config = write_config(directory, data, ward.mqtt_url)
        ear = Ear(ward.mqtt_url)
        command = (sys.executable, "-m", "agent", "run", "--config", str(config))
        with traced(command, told, log):
            if not wait_for(lambda: bool(ear.events()), 60.0):
                raise Absent("the node told no event in a minute")
            time.sleep(WARM_UP_S)
            begin_s, before = time.time(), len(ear.events())
            time.sleep(seconds)
            end_s, events = time.time(), len(ear.events()) - before
        ear.close()
    calls = [call for call in written(told) if begin_s <= call.at_s < end_s]
    sums = by_part(calls, lambda path: node_part(path, data, log))
    per_event = {part: size / 1e6 / max(events, 1) for part, size in sums.items() if part in ("spool", "journal")}
    steady = {part: size / 1e6 * DAY_S / seconds for part, size in sums.items() if part not in per_event}
    return steady, per_event, events


def node_part(path: str, data: Path, log: Path) -> str | None:
    """None for footage, which is told elsewhere, for memory, and for what others write."""
    if path == str(log):
        return "journal"
    if path.startswith(VOLATILE) or not path.startswith(f"{data}/"):
        return None
    inside = Path(path).relative_to(data).parts
    return None if inside[0] == "footage" or path.endswith((".mp4", ".mp4.tmp")) else inside[0]


def write_config(directory: Path, data: Path, mqtt_url: str) -> Path:
    """One camera on the street video, two rules, everything else as it is when nobody says anything."""
    tree = {
        "node": {"ward": "bench", "id": "node-1", "data_dir": str(data)},
        "mqtt": {"url": mqtt_url},
        "retention": {"max_days": 30},
        "insecure": True,
        "cameras": [
            {
                "id": "gate",
                "source": str(street_video().path),
                "zones": {"road": ROAD},
                "lines": {"gate": [[0.52, 0.3], [0.52, 0.7]]},
                "rules": [
                    {"rule": "intrusion", "zone": "road", "cooldown": "1s"},
                    {"rule": "line_crossing", "line": "gate", "cooldown": "1s"},
                ],
            }
        ],
        "detection": {"model": str(ssd_model())},
    }
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path
