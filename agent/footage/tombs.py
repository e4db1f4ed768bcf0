"""The seals of segments that the ring removed from the middle of a chain, so that the hole is no riddle.

One line of JSON per segment in `CAM/removed.jsonl`. Not synced: a lost line makes a hole look like a removal, never the
other way round.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from agent.footage.stored import Stored
from agent.values import Seal

NAME = "removed.jsonl"
MOST_BYTES = 1_000_000  # 4,000 segments; then the older half goes


def entomb(folder: Path, removed: Sequence[Stored]) -> None:
    """Note the seals of `removed`, all of one camera. Raises OSError."""
    note(folder, [json.dumps(asdict(one.segment.seal)) for one in removed if one.segment.seal])


def note(folder: Path, lines: Sequence[str]) -> None:
    """Append to what is known of this camera's removed segments. Raises OSError."""
    if not lines:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / NAME
    kept = path.read_text(encoding="ascii") if path.exists() and path.stat().st_size > MOST_BYTES else None
    if kept is not None:
        half = kept[len(kept) // 2 :]
        path.write_text(half[half.find("\n") + 1 :], encoding="ascii")
    with path.open("a", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))


def read_tombs(folder: Path) -> dict[str, Seal]:
    """By their links. Raises OSError."""
    path = folder / NAME
    found: dict[str, Seal] = {}
    if not path.exists():
        return found
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        try:
            told = json.loads(line)
            seal = Seal(str(told["epoch"]), int(told["seq"]), str(told["sha256"]), str(told["link"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue  # a torn last line
        found[seal.link] = seal
    return found
