"""Segments that were in memory only and that nothing wanted: one line for each hole that they leave in the chain.

A line of JSON in `CAM/removed.jsonl` on the card, synced before the segment after the hole is kept: with no event
nothing is written. Like the tombs in the same file it proves nothing against whoever can write there; it says that the
node itself let go of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.durable import sync_file
from agent.footage.tombs import NAME, note
from agent.values import Mark, Seal

KIND = "not_kept"


@dataclass(frozen=True, slots=True)
class Hole:
    """What lies between two links: `count` files at least, the last of them `seq` of `epoch`."""

    before: str  # the link of the last file that is there
    link: str  # the one that the next file stands on
    epoch: str
    seq: int
    count: int


def note_hole(folder: Path, hole: Hole) -> None:
    """Raises OSError."""
    told = {"kind": KIND, "before": hole.before, "link": hole.link}
    told |= {"epoch": hole.epoch, "seq": str(hole.seq), "count": str(hole.count)}
    note(folder, [json.dumps(told)])
    sync_file(folder / NAME)


def read_holes(folder: Path) -> tuple[Hole, ...]:
    """In the order of the chain. Raises OSError."""
    path = folder / NAME
    found: list[Hole] = []
    for line in path.read_text(encoding="ascii", errors="replace").splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            if told.get("kind") != KIND:
                continue
            before, link, epoch = (str(told[name]) for name in ("before", "link", "epoch"))
            found.append(Hole(before, link, epoch, int(told["seq"]), int(told["count"])))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue  # a torn last line
    return tuple(sorted(found, key=lambda hole: (hole.epoch, hole.seq)))


def bridged(cam: str, link: str, before: str, tombs: Mapping[str, Seal], holes: Sequence[Hole]) -> int | None:
    """How many removed segments lead from `link` to the one whose file says `before`; None when they do not."""
    steps: list[Seal | Hole] = sorted([*tombs.values(), *holes], key=lambda one: (one.epoch, one.seq))
    at, count = link, 0
    for step in steps:
        if at == before:
            break
        if isinstance(step, Hole):
            leads, files = step.before == at, step.count
        else:
            leads, files = Mark(step.epoch, step.seq, at, "", "").seal(cam, step.sha256).link == step.link, 1
        if leads:
            at, count = step.link, count + files
    return count if at == before else None
