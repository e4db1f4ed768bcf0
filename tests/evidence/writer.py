"""A node's footage that is killed: python -m tests.evidence.writer DIRECTORY VIDEO START_S COUNT.

Writes COUNT sealed packets from START_S on, says so, and waits for its end.
"""

import sys
from pathlib import Path

from tests.capture.clocks import HandClock
from tests.evidence.notaries import notary
from tests.footage.recording import footage, moment, recorded, write


def main() -> None:
    directory, video, start_s, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    store = footage(directory, HandClock(), segment="1s")
    store.seal_with(notary(directory))
    write(store, recorded(video, moment(start_s), run=start_s)[:count])
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
