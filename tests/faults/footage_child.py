"""What a node does with footage, step by step; each line on stdout is a promise made. Run under strace to be killed.

Usage: python -m tests.faults.footage_child DIRECTORY VIDEO
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from agent.access import AccessLog
from agent.clock import NS
from agent.evidence.notary import Signer, begin_notary
from agent.footage.store import Footage
from agent.values import Access, Hold
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, footage, moment, recorded, wanted

DAY_S = 86_400
HOLD = Hold("h1", CAM, WALL_NS + 1000 * NS, WALL_NS + 1001 * NS, WALL_NS + 5 * DAY_S * NS, "officer 7", "case 12")


@dataclass
class Promises:
    """Said one after another, with the names of segments as they are finished."""

    store: Footage
    known: frozenset[str] = frozenset()

    def finished(self) -> None:
        """Say what has been finished since."""
        names = frozenset(stored.path.name for stored in self.store.rows())
        for name in sorted(names - self.known):
            say(f"finished {name}")
        self.known |= names


def main(directory: Path, video: Path) -> None:
    clock = HandClock()
    store = footage(directory, clock, max_days=2)
    notary = begin_notary(directory / "evidence", Signer("ward-1", "node-1", clock))
    store.seal_with(notary)
    say(f"key {notary.public.fingerprint}")
    promises = Promises(store)
    packets = recorded(video, moment(1000))
    for packet in packets[:35]:
        store.write(packet)
        promises.finished()
    store.enter()
    say("entered")
    clock.pass_s(10)
    store.library.hold(HOLD)
    say("held")
    AccessLog(directory / "access", clock).write(Access("clip", "ca-12", "1", "?", CAM, HOLD.from_ns, HOLD.to_ns))
    say("logged")
    clip = store.library.cut(wanted(moment(1000), moment(1002)), directory / "clip.mp4")
    assert clip is not None and clip.manifest is not None
    say("cut")
    for packet in packets[35:]:
        store.write(packet)
    promises.finished()
    clock.pass_s(3 * DAY_S)
    say("evicting")
    store.expire()
    say("evicted")
    say("releasing")
    store.library.release(HOLD.id)
    say("released")
    clock.pass_s(3600)
    store.expire()
    say("closing")
    store.close()
    say("closed")


def say(promise: str) -> None:
    sys.stdout.write(promise + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
