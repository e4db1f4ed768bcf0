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
    # More than one hole may begin at a link: the first was told when nothing beyond it had been kept yet.
    reached = {link: 0}
    for step in steps:
        if before in reached:
            break
        if isinstance(step, Hole):
            if step.before in reached:
                reached[step.link] = reached[step.before] + step.count
        else:
            at = next((at for at in reached if _follows(cam, at, step)), None)
            if at is not None:
                reached[step.link] = reached.pop(at) + 1  # it stands nearest: no way leads past it
    return reached.get(before)


def _follows(cam: str, link: str, removed: Seal) -> bool:
    return Mark(removed.epoch, removed.seq, link, "", "").seal(cam, removed.sha256).link == removed.link
