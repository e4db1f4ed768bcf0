"""Opens the spool in a directory as a node does at its start, and tells as JSON what that took.

Usage: python -m bench.backlog_child DIRECTORY. What any spool needs is loaded and used before, on an empty one.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from agent.clock import Clock
from agent.config.model import SpoolSection
from agent.spool import Spool

MESSAGES = 200_000


def main(directory: Path) -> None:
    """Open, end what was interrupted, ask for the first messages, the first clip and the state."""
    with tempfile.TemporaryDirectory() as empty:
        use(Path(empty)).close()
    before_kb = status("VmRSS")
    begin_s = time.monotonic()
    spool = use(directory)
    took_s = time.monotonic() - begin_s
    extra_mb = (max(status("VmHWM"), status("VmRSS")) - before_kb) / 1024
    waiting = spool.state()
    spool.close()
    figures = {"start_s": took_s, "extra_mb": extra_mb, "messages": waiting.messages, "clips": waiting.clips}
    print(json.dumps(figures))


def use(directory: Path) -> Spool:
    """What happens until the first message is on its way."""
    spool = Spool(directory, SpoolSection(messages=MESSAGES), Clock())
    spool.close_interrupted()
    spool.connected()
    spool.pending(20)
    spool.next_clip()
    spool.wanted()
    spool.state()
    return spool


def status(name: str) -> int:
    """A line of /proc/self/status, in kB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
