"""One segment as the index knows it, and the label inside its file from which the index can be made again."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from agent.clock import NS, Moment
from agent.values import Mark, Segment

PART = ".part.mp4"
DONE = ".mp4"


@dataclass(frozen=True, slots=True)
class Label:
    """What a file tells of itself in its MP4 comment."""

    cam: str
    run: int
    start: Moment
    pts_ns: int  # the first picture's stamp, comparable within one (boot, run)
    gap_cause: str | None
    mark: Mark | None = None  # its place in the hash chain; None: there was no device key

    def text(self) -> str:
        """For the MP4 comment."""
        at = self.start
        told: dict[str, object] = {
            "camera_agent_segment": 1,
            "cam": self.cam,
            "run": self.run,
            "boot_id": at.boot_id,
            "mono_ns": at.mono_ns,
            "wall_ns": at.wall_ns,
            "trusted": at.trusted,
            "pts_ns": self.pts_ns,
            "gap_cause": self.gap_cause,
        }
        return json.dumps(told | {"chain": asdict(self.mark)} if self.mark else told)

    @property
    def stem(self) -> str:
        """A file name that sorts by time for a person and is unique for the index."""
        when = datetime.fromtimestamp(self.start.wall_ns // NS, timezone.utc)
        return f"{when:%Y%m%dT%H%M%SZ}-{short_boot(self.start.boot_id)}-{self.start.mono_ns}"


def short_boot(boot_id: str) -> str:
    """As it stands in file names."""
    return re.sub(r"[^A-Za-z0-9]", "", boot_id)[:8]


def parse_label(text: str) -> Label | None:
    """None when the text is not one of ours."""
    try:
        told = json.loads(text)
        if not isinstance(told, dict) or told.get("camera_agent_segment") != 1:
            return None
        start = Moment(int(told["mono_ns"]), int(told["wall_ns"]), bool(told["trusted"]), str(told["boot_id"]))
        cause = told["gap_cause"]
        gap_cause = None if cause is None else str(cause)
        mark = _mark(told["chain"]) if "chain" in told else None
        return Label(str(told["cam"]), int(told["run"]), start, int(told["pts_ns"]), gap_cause, mark)
    except (ValueError, KeyError, TypeError):
        return None


def _mark(told: dict[str, object]) -> Mark:
    texts = (str(told[name]) for name in ("before", "key", "signature"))
    return Mark(str(told["epoch"]), int(str(told["seq"])), *texts)


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished segment and where it stands in its run."""

    segment: Segment
    pts_ns: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.segment.path

    def numbered(self, row: int) -> "Stored":
        """With the index's number."""
        return replace(self, segment=replace(self.segment, id=row))


def joined(older: Sequence[Stored], newer: Sequence[Stored]) -> list[Stored]:
    """Two lists in the order of recording as one; boots that only `newer` has come last."""
    boots = {stored.segment.start.boot_id: None for stored in (*older, *newer)}
    place = {boot: number for number, boot in enumerate(boots)}
    return sorted((*older, *newer), key=lambda one: (place[one.segment.start.boot_id], one.segment.start.mono_ns))


def is_before(one: Stored, other: Stored) -> bool:
    """Of one boot: was it recorded earlier? By the chain where both stand in it."""
    a, b = one.segment, other.segment
    if a.seal and b.seal:
        return (a.seal.epoch, a.seal.seq) < (b.seal.epoch, b.seal.seq)
    return a.start.mono_ns < b.start.mono_ns


def newest_of(rows: Iterable[Stored]) -> dict[str, Stored]:
    """The newest segment of each camera. Rows come boot after boot; within a boot some were taken over late."""
    newest: dict[str, Stored] = {}
    for stored in rows:
        last = newest.get(stored.segment.cam)
        if last is None or last.segment.start.boot_id != stored.segment.start.boot_id or is_before(last, stored):
            newest[stored.segment.cam] = stored
    return newest
