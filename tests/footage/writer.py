"""A process that records and is killed: python -m tests.footage.writer DIRECTORY VIDEO COUNT.

Writes COUNT packets, says so, and waits for its end.
"""

import sys
from pathlib import Path

from tests.capture.clocks import HandClock
from tests.footage.recording import footage, moment, recorded, write


def main() -> None:
    directory, video, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    store = footage(directory, HandClock(), segment="4s")
    write(store, recorded(video, moment(1000))[:count])
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
