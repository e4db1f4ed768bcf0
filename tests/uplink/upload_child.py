"""An uploading process to be killed: python -m tests.uplink.upload_child URL CLIP STATE."""

import hashlib
import sys
from pathlib import Path

from agent.clock import FLOOR_WALL_NS
from agent.values import OutgoingClip
from tests.uplink.shelf import NS, Shelf, make_job, run_dry


def main(url: str, clip_path: str, state: str) -> None:
    path = Path(clip_path)
    data = path.read_bytes()
    clip = OutgoingClip(
        path.stem, "gate", path, FLOOR_WALL_NS, FLOOR_WALL_NS + 5 * NS, len(data), hashlib.sha256(data).hexdigest()
    )
    shelf = Shelf(clip, file=Path(state))
    run_dry(make_job(url, shelf), shelf)


if __name__ == "__main__":
    main(*sys.argv[1:])
