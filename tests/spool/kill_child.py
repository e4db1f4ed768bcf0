"""What a node does with its spool, step by step; each line on stdout is a promise made. Run under strace to be killed.

A disk that fails ends it with `GAVE_UP`, after the error was told as a StorageError and nothing else.

Usage: python -m tests.spool.kill_child DIRECTORY
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from agent.durable import disk_error, write_durably
from agent.errors import StorageError
from agent.values import Phase
from tests.spool.support import HOW, StillClock, draft, found, make_clip, open_spool

DATA = b"moving pictures" * 100
GAVE_UP = 3
PROOF = b'{"proof": 1}'


def main(directory: Path) -> None:
    clock = StillClock()
    spool = open_spool(directory, clock, messages=100)
    say("open")
    spool.connected()
    for number in range(3):
        spool.put(draft(clock, number))
        say(f"put {number}")
    started = clock.now()
    for name in ("e1", "e2"):
        for phase in (Phase.START, Phase.END):
            spool.record([found(clock, name, phase, started=started)], HOW)
            say(f"event {name} {phase.value}")
    spool.record([found(clock, "e3")], HOW)
    say("event e3 start")
    for wanted in spool.wanted()[:2]:
        clip = make_clip(spool, wanted.id, DATA)
        manifest = clip.path.with_suffix(".manifest.json")
        try:  # what footage does
            write_durably(clip.path, DATA)
            write_durably(manifest, PROOF)
        except OSError as error:
            raise disk_error(error, clip.path) from error
        spool.clip_ready(wanted, replace(clip, manifest=manifest))
        say(f"clip {wanted.id}")
    (first, second, *_) = spool.pending(10)
    say("acking 0")
    spool.ack([first.row])
    say("acked 0")
    spool.ack([second.row])
    spool.clip_created("e1.manifest", "https://ward/files/0")
    spool.ack_clip("e1.manifest", "https://ward/files/0")
    spool.clip_created("e1", "https://ward/files/1")
    spool.clip_progress("e1", 5)
    say("uploading e1")
    spool.ack_clip("e1", "https://ward/files/1")
    say("uploaded e1")
    spool.close()
    say("closed")


def say(promise: str) -> None:
    sys.stdout.write(promise + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except StorageError as error:
        assert error.code in {"storage_error", "disk_full"}
        os._exit(GAVE_UP)  # as it is: nothing is tidied up
