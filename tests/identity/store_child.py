"""Puts an identity in place and is killed at a named step: `python -m tests.identity.store_child FOLDER STEP COUNT`."""

import os
import signal
import sys
from pathlib import Path

from agent.identity.store import IdentityStore, Papers


def main() -> None:
    folder, wanted = Path(sys.argv[1]), sys.argv[2]
    papers = Papers(*((folder.parent / "next" / name).read_bytes() for name in ("ca.pem", "node.crt", "node.key")))

    def step(name: str) -> None:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        if name == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    IdentityStore(folder / "ca.pem", folder / "node.crt", folder / "node.key", step).put(papers)


if __name__ == "__main__":
    main()
