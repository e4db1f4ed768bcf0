"""A long queue: 100,000 messages and 5,000 clips wait. How long does a start take, from the disk and not from the page
cache; how much memory; how fast does it drain through the real line to a real mosquitto on loopback; and how long does
an event that happens meanwhile take to arrive?

The queue is ten thousand revisions of five thousand events, the rest single messages of a kilobyte. `drain_per_s`
counts messages that the broker acknowledged and the spool forgot durably, with the consumer in the same process.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from agent.clock import Clock
from agent.config.model import SpoolSection
from agent.spool import Found, Spool, clips
from agent.values import Clip, Draft, Phase, Severity
from bench.live import wait_for
from bench.outpost import MESSAGES, Consumer, Outpost, config, event, quiet_logs, recording
from bench.truth import Absent
from deploy.ward import Ward, WardError, WardOptions

QUEUED, CLIPS, EVENTS = 100_000, 5_000, 5_000
BATCH = 1000
NOTE = json.dumps({"schema": "note/1", "text": "x" * 850}).encode()
LIVE_EVERY_S = 1.0


def run(quick: bool) -> dict[str, object]:
    """Quick: drains for 8 s instead of to the end."""
    quiet_logs()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        directory = Path(name)
        fill(directory / "spool")
        size_mb = sum(path.stat().st_size for path in (directory / "spool").glob("spool.db*")) / 1e6
        started = cold_start(directory / "spool")
        warm = child(directory / "spool")
        try:
            with Ward.start(directory / "ward", WardOptions(upload=False)) as ward:
                drained = drain(directory, ward, 8.0 if quick else 600.0)
        except WardError as error:
            raise Absent(str(error)) from error
    figures: dict[str, object] = {
        "start_s": round(started["start_s"], 2),
        "start_warm_s": round(warm["start_s"], 2),
        "extra_mb": round(max(started["extra_mb"], warm["extra_mb"]), 1),
        **drained,
    }
    print(f"{QUEUED} messages and {CLIPS} clips wait; the database has {size_mb:.0f} MB")
    for key, value in figures.items():
        print(f"{key:>14} {value}")
    return figures


def fill(directory: Path) -> None:
    """The queue, as an outage leaves it."""
    clock = Clock()
    spool = Spool(directory, SpoolSection(messages=MESSAGES), clock)
    how = recording(config(directory, "mqtt://127.0.0.1:1883"))
    for batch in batched(range(EVENTS), BATCH // 2):
        phases = (Phase.START, Phase.END)
        spool.record([Found(event(clock, f"old-{number}", phase)) for number in batch for phase in phases], how)
    topic = how.topics.event("gate", "note")
    for batch in batched(range(QUEUED - 2 * EVENTS), BATCH):
        spool.put_all(Draft(topic, NOTE, clock.now(), 20) for _ in batch)
    queue_clips(spool, clock)
    spool.close()


def queue_clips(spool: Spool, clock: Clock) -> None:
    """Small clips, in one transaction of the spool's own: how they came in is not what is measured."""
    now = clock.now()
    made = [one_clip(spool.clips_directory, number) for number in range(CLIPS)]

    def work(connection: sqlite3.Connection) -> None:
        for clip in made:
            clips.insert(connection, clip, None, now, now)

    spool._database.write(work)


def one_clip(folder: Path, number: int) -> Clip:
    """A file of two kilobytes and what is known of it."""
    data = number.to_bytes(4, "big") * 512
    path = folder / f"clip-{number}.mp4"
    path.write_bytes(data)
    return Clip(f"clip-{number}", "gate", path, 0, 10**9, len(data), hashlib.sha256(data).hexdigest(), (), 150)


def cold_start(directory: Path) -> dict[str, float]:
    """A start that finds nothing of the database in the page cache."""
    for path in directory.glob("spool.db*"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return child(directory)


def child(directory: Path) -> dict[str, float]:
    """One start in a process of its own."""
    command = (sys.executable, "-m", "bench.backlog_child", str(directory))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    assert (told["messages"], told["clips"]) == (QUEUED, CLIPS), told
    return told


def drain(directory: Path, ward: Ward, longest_s: float) -> dict[str, object]:
    """Send; every second an event happens. How fast, how long each of those took, and was anything lost?"""
    consumer = Consumer(ward.mqtt_port)
    over = threading.Event()
    happened: dict[str, float] = {}
    with Outpost(directory, config(directory, ward.mqtt_url)) as post:
        before = post.spool.state().messages
        post.start()
        begin_s = time.monotonic()
        while not over.wait(LIVE_EVERY_S) and time.monotonic() - begin_s < longest_s:
            name = f"live-{len(happened)}"
            happened[name] = time.monotonic()
            severity = Severity.ALERT if len(happened) % 2 else Severity.INFO
            post.tell(event(post.clock, name, Phase.START, severity))
            if post.spool.state().messages == 0:
                over.set()
        took_s = time.monotonic() - begin_s
        left = post.spool.state().messages
        waited = [waits_s(consumer, name, at_s) for name, at_s in happened.items()]
    gone = before + len(happened) - left
    heard = len(consumer.rows)
    consumer.close()
    return {
        "drain_per_s": round(gone / took_s),
        "overtake_s": round(max(waited), 2),
        "live_events": len(waited),
        "acknowledged": gone,
        "not_heard": max(0, gone - heard),
        "out_of_order": consumer.out_of_order,
    }


def waits_s(consumer: Consumer, name: str, at_s: float) -> float:
    """From the event to its arrival; infinite when it has not come in ten seconds."""
    wait_for(lambda: consumer.at(name) is not None, 10.0)
    arrived_s = consumer.at(name)
    return float("inf") if arrived_s is None else arrived_s - at_s


def batched(numbers: range, size: int) -> Iterator[list[int]]:
    """In pieces of at most `size`."""
    left = iter(numbers)
    while piece := list(islice(left, size)):
        yield piece
