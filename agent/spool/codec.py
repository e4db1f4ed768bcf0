"""Values to columns and back. Pure."""

import json
import sqlite3
from pathlib import Path

from agent.clock import Moment
from agent.contract.base import redated
from agent.values import ClipWanted, Gap, OutgoingClip


def moment_text(moment: Moment) -> str:
    """One instant as JSON."""
    return json.dumps([moment.mono_ns, moment.wall_ns, moment.trusted, moment.boot_id], separators=(",", ":"))


def moment_of(text: str) -> Moment:
    """The instant of `moment_text`."""
    mono_ns, wall_ns, trusted, boot_id = json.loads(text)
    return Moment(mono_ns, wall_ns, trusted, boot_id)


def gaps_text(gaps: tuple[Gap, ...]) -> str:
    """Gaps as JSON."""
    return json.dumps([[gap.from_ns, gap.to_ns, gap.cause] for gap in gaps], separators=(",", ":"))


def gaps_of(text: str) -> tuple[Gap, ...]:
    """The gaps of `gaps_text`."""
    return tuple(Gap(from_ns, to_ns, cause) for from_ns, to_ns, cause in json.loads(text))


def clip_of(row: sqlite3.Row, now: Moment) -> OutgoingClip:
    """A row of `clips`; its times are put right if the clock was set since they were written."""
    at = moment_of(row["at"])
    late_ns = redated(at, now).wall_ns - at.wall_ns
    return OutgoingClip(
        id=row["id"],
        cam=row["cam"],
        path=Path(row["path"]),
        start_ns=row["start_ns"] + late_ns,
        end_ns=row["end_ns"] + late_ns,
        bytes=row["bytes"],
        sha256=row["sha256"],
        gaps=tuple(Gap(gap.from_ns + late_ns, gap.to_ns + late_ns, gap.cause) for gap in gaps_of(row["gaps"])),
        upload_url=row["upload_url"],
        attempts=row["attempts"],
        manifest=None if row["manifest"] is None else Path(row["manifest"]),
        manifest_url=row["manifest_url"],
        manifest_sha256=row["manifest_sha256"],
        parent=row["parent"],
    )


def wanted_of(row: sqlite3.Row) -> ClipWanted:
    """A row of `wanted`."""
    return ClipWanted(
        id=row["id"],
        cam=row["cam"],
        start=moment_of(row["start_at"]),
        end=moment_of(row["end_at"]),
        due=moment_of(row["due_at"]),
        priority=row["priority"],
    )
