"""Rows of `cancelled`: clips that nobody wants just now, kept for a day with all that their upload had reached.

Functions on an open transaction; files are not touched. A cancelled clip is never sent, never counted as a loss, and
the first to go when the budget of clips is spent.
"""

import sqlite3

from agent.clock import NS, Moment
from agent.spool.clips import CLIP, last_row
from agent.spool.codec import clip_of, moment_of, moment_text
from agent.spool.messages import age_s
from agent.values import ClipWanted, OutgoingClip

KEPT_S = 86_400.0
MOST = 100
NEAR_NS = NS // 2  # two requests for the same stretch differ by what a float of seconds loses
COLUMNS = (
    "id, row, kind, parent, cam, path, start_ns, end_ns, bytes, sha256, gaps, at, priority, upload_url, attempts, "
    "manifest, manifest_url, manifest_sha256"
)
# Beside the tables of the version: an agent of before passes over them.
TABLES = """
CREATE TABLE IF NOT EXISTS asked (  -- the stretch that a job was asked for, as it was asked
    id TEXT PRIMARY KEY,
    from_ns INTEGER NOT NULL,
    to_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cancelled (  -- as `clips`
    id TEXT PRIMARY KEY,
    row INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    parent TEXT,
    cam TEXT NOT NULL,
    path TEXT NOT NULL,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    gaps TEXT NOT NULL,
    at TEXT NOT NULL,
    priority INTEGER NOT NULL,
    upload_url TEXT,
    attempts INTEGER NOT NULL,
    manifest TEXT,
    manifest_url TEXT,
    manifest_sha256 TEXT,
    cancelled_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def note_asked(connection: sqlite3.Connection, wanted: ClipWanted) -> None:
    """Remember which stretch a job is for; what is over is forgotten."""
    known = " AND ".join(f"id NOT IN (SELECT id FROM {table})" for table in ("wanted", "clips", "cancelled"))  # noqa: S608
    connection.execute(f"DELETE FROM asked WHERE {known}")  # noqa: S608 - constants
    connection.execute(
        "INSERT OR REPLACE INTO asked VALUES (?, ?, ?)", (wanted.id, wanted.start.wall_ns, wanted.end.wall_ns)
    )


def cancel(connection: sqlite3.Connection, clip_id: str, now: Moment) -> None:
    """A finished clip and its manifest, if that still waits, are set aside."""
    connection.execute(
        f"INSERT OR REPLACE INTO cancelled ({COLUMNS}, cancelled_at)"  # noqa: S608 - constants
        f" SELECT {COLUMNS}, ? FROM clips WHERE id = ? OR parent = ?",
        (moment_text(now), clip_id, clip_id),
    )
    connection.execute("DELETE FROM clips WHERE id = ? OR parent = ?", (clip_id, clip_id))


def find(connection: sqlite3.Connection, cam: str, span: tuple[int, int], now: Moment) -> OutgoingClip | None:
    """The cancelled clip that was asked for with the same times (Unix nanoseconds), if a day has not passed."""
    rows = connection.execute(
        "SELECT cancelled.* FROM cancelled JOIN asked USING (id) WHERE kind = ? AND cam = ?"
        " AND abs(asked.from_ns - ?) <= ? AND abs(asked.to_ns - ?) <= ? ORDER BY row DESC",
        (CLIP, cam, span[0], NEAR_NS, span[1], NEAR_NS),
    )
    return next((clip_of(row, now) for row in rows if not _is_over(row, now)), None)


def revive(connection: sqlite3.Connection, clip_id: str, priority: int) -> None:
    """It is wanted after all: queued anew, with what its upload had reached."""
    rows = connection.execute(
        "SELECT id FROM cancelled WHERE id = ? OR parent = ? ORDER BY kind DESC", (clip_id, clip_id)
    ).fetchall()
    kept = COLUMNS.replace("row, ", "").replace("priority, ", "").replace("attempts, ", "")
    for row in rows:
        connection.execute(
            f"INSERT OR REPLACE INTO clips ({kept}, row, priority, attempts)"  # noqa: S608 - constants
            f" SELECT {kept}, ?, ?, 0 FROM cancelled WHERE id = ?",
            (last_row(connection) + 1, priority, row["id"]),
        )
        connection.execute("DELETE FROM cancelled WHERE id = ?", (row["id"],))


def expire(connection: sqlite3.Connection, budget_bytes: int, now: Moment) -> list[OutgoingClip]:
    """Those whose day is over, and the oldest of more than there may be; their rows are gone, their files are not."""
    rows = connection.execute("SELECT * FROM cancelled ORDER BY kind, row").fetchall()
    clips = [row for row in rows if row["kind"] == CLIP]
    size = connection.execute(
        "SELECT (SELECT coalesce(sum(bytes), 0) FROM clips) + (SELECT coalesce(sum(bytes), 0) FROM cancelled)"
    ).fetchone()[0]
    gone: list[OutgoingClip] = []
    for number, row in enumerate(clips):
        if not (_is_over(row, now) or size > budget_bytes or len(clips) - number > MOST):
            continue
        own = [one for one in rows if row["id"] in (one["id"], one["parent"])]
        size -= sum(one["bytes"] for one in own)
        gone.append(clip_of(row, now))
        connection.execute("DELETE FROM cancelled WHERE id = ? OR parent = ?", (row["id"], row["id"]))
    return gone


def created(connection: sqlite3.Connection, clip_id: str, url: str) -> None:
    """The server's answer to an upload that was cancelled while it was asked for."""
    connection.execute("UPDATE cancelled SET upload_url = ? WHERE id = ?", (url, clip_id))


def _is_over(row: sqlite3.Row, now: Moment) -> bool:
    # Within a boot by the monotonic clock, else by clocks that were right. When no clock can tell, it stays.
    age = age_s(moment_of(row["cancelled_at"]), now)
    return age is not None and age >= KEPT_S
