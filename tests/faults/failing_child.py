"""The workers that write, at work on a disk that will fail: events and footage for so many seconds.

Usage: python -m tests.faults.failing_child DIRECTORY VIDEO. Says "ready"; then a JSON object for each line it reads:
`share` of one processor used since the last, events `given`, `raised` faults, messages that are `kept`; ends on "end".
"""

import json
import sys
import threading
import time
from pathlib import Path

from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.model import FootageSection, SpoolSection
from agent.contract.event import Origin
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.footage.jobs import FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.spool import Outbox, OutboxJob, Recording, Spool
from agent.values import Phase
from agent.worker import Worker
from tests.footage.recording import recorded
from tests.spool.support import event

EVERY_S = 0.1


class Faults:
    """What was told."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def raised(self, source: str, error: AgentError) -> None:
        self.codes.append(error.code)

    def cleared(self, source: str) -> None:
        self.codes.append("cleared")


def main(directory: Path, video: Path) -> None:
    clock, faults, outbox, queue = Clock(), Faults(), Outbox(), PacketQueue()
    spool = Spool(directory / "spool", SpoolSection(), clock)
    footage = Footage(directory / "footage", FootageSection.model_validate({"segment": "1s"}), 30, clock)
    how = Recording(Topics("camera", "ward-1", "node-1"), Origin())
    workers = [
        Worker("outbox", lambda stop: OutboxJob(outbox, spool, how, stop), faults, Backoff(1.0, 30.0), clock),
        Worker("footage", lambda stop: FootageJob(footage, queue, clock, faults), faults, Backoff(1.0, 30.0), clock),
    ]
    given = [0]
    stop = threading.Event()

    def feed() -> None:
        run = 0
        while not stop.is_set():
            run += 1
            for packet in recorded(video, clock.now(), run=run):
                queue.put([packet])
                given[0] += 1
                outbox.event(event(clock, f"e{given[0]}", Phase.START))
                if stop.wait(EVERY_S):
                    return

    feeder = threading.Thread(target=feed, daemon=True)
    for worker in workers:
        worker.start()
    feeder.start()
    since_s, used_s = time.monotonic(), time.process_time()
    say("ready")
    for line in sys.stdin:
        if line == "end\n":
            break
        now_s, now_used_s = time.monotonic(), time.process_time()
        share = (now_used_s - used_s) / max(now_s - since_s, 1e-3)
        since_s, used_s = now_s, now_used_s
        count = given[0]
        told = {"share": share, "given": count, "raised": faults.codes, "kept": kept(spool)}
        say(json.dumps(told))
    stop.set()
    feeder.join()
    for worker in workers:
        worker.stop()
        outbox.wake()
        worker.join(30)
    footage.close()
    spool.close()


def kept(spool: Spool) -> int:
    """-1 while the disk cannot be read."""
    try:
        return spool.state().messages
    except AgentError:
        return -1


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
