"""The seals of segments that the ring removed from the middle of a chain, so that the hole is no riddle.

One line of JSON per segment in `CAM/removed.jsonl`. Not synced: a lost line makes a hole look like a removal, never the
other way round.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from agent.footage.stored import Stored
from agent.values import Mark, Seal

NAME = "removed.jsonl"
MOST_BYTES = 1_000_000  # 4,000 segments; then the older half goes


def entomb(folder: Path, removed: Sequence[Stored]) -> None:
    """Note the seals of `removed`, all of one camera. Raises OSError."""
    lines = [json.dumps(asdict(one.segment.seal)) + "\n" for one in removed if one.segment.seal]
    if not lines:
        return
    path = folder / NAME
    kept = path.read_text(encoding="ascii") if path.exists() and path.stat().st_size > MOST_BYTES else None
    if kept is not None:
        half = kept[len(kept) // 2 :]
        path.write_text(half[half.find("\n") + 1 :], encoding="ascii")
    with path.open("a", encoding="ascii") as file:
        file.write("".join(lines))


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
        except (ValueError, KeyError, TypeError):
            continue  # a torn last line
        found[seal.link] = seal
    return found


def bridged(cam: str, link: str, before: str, tombs: Mapping[str, Seal]) -> int | None:
    """How many removed segments lead from `link` to the one whose file says `before`; None when they do not."""
    ordered = sorted(tombs.values(), key=lambda seal: (seal.epoch, seal.seq))
    at, count = link, 0
    for seal in ordered:
        if at == before:
            break
        if Mark(seal.epoch, seal.seq, at, "", "").seal(cam, seal.sha256).link == seal.link:
            at, count = seal.link, count + 1
    return count if at == before else None
