"""Encrypted footage that is killed: python -m tests.footage.locked_writer DIRECTORY VIDEO COUNT PUBLIC BOOT.

Writes COUNT packets, says so, and waits for its end. PUBLIC and BOOT are keys in hex.
"""

import sys
from pathlib import Path

from nacl.public import PublicKey

from agent.footage.vault import Vault
from tests.capture.clocks import HandClock
from tests.footage.locking import opened
from tests.footage.recording import moment, recorded, write


def main() -> None:
    directory, video, count, public, boot = (*sys.argv[1:6],)
    vault = Vault(PublicKey(bytes.fromhex(public)), bytes.fromhex(boot))
    store = opened(Path(directory), HandClock(), vault, segment=4.0)
    write(store, recorded(Path(video), moment(1000))[: int(count)])
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
