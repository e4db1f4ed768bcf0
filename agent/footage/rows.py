"""How a segment stands in the index: the one table, older forms of it, and both ways between row and `Stored`."""

import sqlite3
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from agent.clock import NS, Moment
from agent.footage.stored import Stored
from agent.values import Seal, Segment, StreamFormat

VERSION = 3
# One table and no index beside its key: each further one would write as much again for every segment.
TABLES = """
CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY,  -- grows in the order of recording; given by us
    cam TEXT NOT NULL, name TEXT NOT NULL,
    boot_id TEXT NOT NULL, run INTEGER NOT NULL, mono_ns INTEGER NOT NULL,
    wall_ns INTEGER NOT NULL, trusted INTEGER NOT NULL,  -- as it was recorded; boots.json knows better
    pts_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, bytes INTEGER NOT NULL,
    codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    base_num INTEGER NOT NULL, base_den INTEGER NOT NULL, extradata BLOB NOT NULL, gap_cause TEXT,
    epoch TEXT, seq INTEGER, sha256 BLOB, link BLOB  -- the seal; NULL where there is none
) STRICT;
CREATE TABLE IF NOT EXISTS evicted (cam TEXT PRIMARY KEY, told TEXT NOT NULL) STRICT;
"""
KEPT = (
    "id, cam, name, boot_id, run, mono_ns, wall_ns, trusted, pts_ns, duration_ns, bytes, codec, width, height, "
    "base_num, base_den, extradata, gap_cause"
)
# A row names a file of its camera's folder: whatever else it names is not ours to read, and not ours to remove.
ASTRAY = (
    "SELECT id FROM segments WHERE instr(cam || name, '/') OR instr(cam || name, char(0)) "
    "OR cam IN ('', '.', '..') OR name IN ('', '.', '..') LIMIT 1"
)
INSERT = f"INSERT OR REPLACE INTO segments VALUES ({','.join('?' * 22)})"  # noqa: S608
MIGRATE = f"""
BEGIN;
ALTER TABLE segments RENAME TO older;
{TABLES}
INSERT INTO segments ({KEPT}) SELECT {KEPT} FROM older;
DROP TABLE older;
PRAGMA user_version={VERSION};
COMMIT;
"""  # noqa: S608 (all of it is written here)


def values_of(stored: Stored) -> tuple[object, ...]:
    """For INSERT."""
    segment, form, seal = stored.segment, stored.segment.format, stored.segment.seal
    start = segment.start
    return (
        *(segment.id, segment.cam, segment.path.name),
        *(start.boot_id, segment.run, start.mono_ns, start.wall_ns, int(start.trusted)),
        *(stored.pts_ns, round(segment.duration_s * NS), segment.bytes),
        *(form.codec, form.width, form.height, form.time_base.numerator, form.time_base.denominator, form.extradata),
        segment.gap_cause,
        *(
            (seal.epoch, seal.seq, bytes.fromhex(seal.sha256), bytes.fromhex(seal.link))
            if seal
            else (None, None, None, None)
        ),
    )


@lru_cache(maxsize=64)
def _form(codec: str, width: int, height: int, base: tuple[int, int], extradata: bytes) -> StreamFormat:
    # Rows of a camera have one format for months: made once, kept once.
    return StreamFormat(codec, width, height, Fraction(*base), extradata)


def stored_of(row: sqlite3.Row, directory: Path) -> Stored:
    """The segment of a row of `segments`, dated as it was recorded."""
    form = _form(row["codec"], row["width"], row["height"], (row["base_num"], row["base_den"]), row["extradata"])
    start = Moment(row["mono_ns"], row["wall_ns"], bool(row["trusted"]), row["boot_id"])
    path = directory / row["cam"] / row["name"]
    duration_s = row["duration_ns"] / NS
    seal = (
        None
        if row["seq"] is None
        else Seal(row["epoch"], row["seq"], bytes(row["sha256"]).hex(), bytes(row["link"]).hex())
    )
    segment = Segment(
        row["id"], row["cam"], row["run"], path, start, duration_s, row["bytes"], form, row["gap_cause"], seal
    )
    return Stored(segment, row["pts_ns"])
