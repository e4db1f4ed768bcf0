"""Rows of `clips`: queued, uploaded, gone. Functions on an open transaction; files are not touched.

A manifest is a row of its own (`kind` 1) just before its clip. It never holds the clip up, and never outlives it.
"""

import sqlite3
from pathlib import Path

from agent.clock import Moment
from agent.contract.event import ClipMedia, clip_media
from agent.spool.codec import clip_of, gaps_text, moment_text
from agent.spool.events import all_wanted, tell_clip
from agent.spool.files import ManifestFile
from agent.spool.messages import count_loss
from agent.values import Clip, OutgoingClip

PATIENCE = 4  # tries without progress before the next clip gets its turn
CLIP, MANIFEST = 0, 1
MOST_WANTED = 10_000  # stretches of footage that wait to be cut: 72 hours at more than two a minute


def insert(connection: sqlite3.Connection, clip: Clip, manifest: ManifestFile | None, at: Moment, now: Moment) -> None:
    """Queue a clip (once) and tell its event. `at`: on these clocks stand the clip's times."""
    same = {
        "cam": clip.cam,
        "start_ns": clip.start_ns,
        "end_ns": clip.end_ns,
        "at": moment_text(at),
        "priority": clip.priority,
    }
    if manifest is not None:
        _insert(
            connection,
            same
            | {"id": f"{clip.id}.manifest", "kind": MANIFEST, "parent": clip.id, "gaps": "[]"}
            | {"path": str(manifest.path), "bytes": manifest.bytes, "sha256": manifest.sha256},
        )
    _insert(
        connection,
        same
        | {"id": clip.id, "kind": CLIP, "gaps": gaps_text(clip.gaps)}
        | {"path": str(clip.path), "bytes": clip.bytes, "sha256": clip.sha256}
        | {"manifest": None if manifest is None else str(manifest.path)},
    )
    tell_clip(connection, clip.id, clip_media(clip, "queued"), now)


def _insert(connection: sqlite3.Connection, values: dict[str, object]) -> None:
    values = {"row": last_row(connection) + 1, **values}
    columns, places = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT OR IGNORE INTO clips ({columns}) VALUES ({places})", tuple(values.values()))  # noqa: S608


def load(connection: sqlite3.Connection, clip_id: str, now: Moment) -> OutgoingClip | None:
    """One clip, or manifest."""
    row = connection.execute("SELECT * FROM clips WHERE id = ?", (clip_id,)).fetchone()
    return None if row is None else clip_of(row, now)


def first(connection: sqlite3.Connection, floor: int, now: Moment) -> OutgoingClip | None:
    """Whose turn it is: by priority; of equals what is under way, then what came after `floor`, then the oldest.

    One that keeps failing falls behind its equals, so none holds up the others for ever.
    """
    row = connection.execute(
        "SELECT * FROM clips ORDER BY"
        " priority, attempts / ?, upload_url IS NULL AND manifest_url IS NULL, row <= ?, row LIMIT 1",
        (PATIENCE, floor),
    ).fetchone()
    return None if row is None else clip_of(row, now)


def last_row(connection: sqlite3.Connection) -> int:
    """The highest row that was ever given."""
    return int(connection.execute("SELECT last_clip FROM totals").fetchone()["last_clip"])


def came_after(connection: sqlite3.Connection, clip_id: str, floor: int) -> bool:
    """Is its row above `floor`?"""
    return bool(connection.execute("SELECT 1 FROM clips WHERE id = ? AND row > ?", (clip_id, floor)).fetchone())


def priorities(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Of all clips that wait, in order."""
    rows = connection.execute("SELECT priority FROM clips WHERE kind = ? ORDER BY priority", (CLIP,))
    return tuple(row["priority"] for row in rows)


def up_to(connection: sqlite3.Connection, priority: int, now: Moment) -> tuple[OutgoingClip, ...]:
    """Clips of this priority and those before, in no order."""
    rows = connection.execute("SELECT * FROM clips WHERE kind = ? AND priority <= ?", (CLIP, priority))
    return tuple(clip_of(row, now) for row in rows)


def uploaded(connection: sqlite3.Connection, clip: OutgoingClip, url: str, now: Moment) -> None:
    """The server has all of it: forget the row, tell the event; of a manifest, tell its clip."""
    if clip.parent is not None:
        connection.execute(
            "UPDATE clips SET manifest_url = ?, manifest_sha256 = ? WHERE id = ?", (url, clip.sha256, clip.parent)
        )
        connection.execute("DELETE FROM clips WHERE id = ?", (clip.id,))
        return
    _forget(connection, clip.id)
    tell_clip(connection, clip.id, clip_media(clip, "uploaded", url), now)


def dropped(connection: sqlite3.Connection, clip_id: str, reason: str, now: Moment) -> None:
    """The clip will never leave: forget the row and its manifest's, count it, tell the event why."""
    _forget(connection, clip_id)
    count_loss(connection, "clip")
    tell_clip(connection, clip_id, ClipMedia(state="dropped", reason=reason), now)


def manifest_dropped(connection: sqlite3.Connection, manifest_id: str) -> None:
    """The clip leaves without it."""
    count_loss(connection, "manifest", connection.execute("DELETE FROM clips WHERE id = ?", (manifest_id,)).rowcount)


def evict(connection: sqlite3.Connection, budget_bytes: int, now: Moment) -> list[OutgoingClip]:
    """Drop what is over the budget: least important first, of those the oldest, of those not one already on its way."""
    gone: list[OutgoingClip] = []
    while connection.execute("SELECT coalesce(sum(bytes), 0) FROM clips").fetchone()[0] > budget_bytes:
        row = connection.execute(
            "SELECT * FROM clips WHERE kind = ? ORDER BY priority DESC, upload_url IS NOT NULL, row LIMIT 1", (CLIP,)
        ).fetchone()
        gone.append(clip_of(row, now))
        dropped(connection, row["id"], "budget", now)
    return gone


def evict_wanted(connection: sqlite3.Connection, most: int, now: Moment) -> list[str]:
    """Want no more than `most` stretches of footage: the least important, oldest ones are given up. Their ids."""
    over = int(connection.execute("SELECT count(*) AS n FROM wanted").fetchone()["n"]) - most
    gone = [one.id for one in sorted(all_wanted(connection), key=lambda one: -one.priority)[:over]] if over > 0 else []
    for wanted_id in gone:
        connection.execute("DELETE FROM wanted WHERE id = ?", (wanted_id,))
        dropped(connection, wanted_id, "budget", now)
    return gone


def paths(connection: sqlite3.Connection) -> list[Path]:
    """The files that rows name."""
    rows = connection.execute(
        "SELECT path FROM clips UNION SELECT manifest FROM clips WHERE manifest IS NOT NULL"
        " UNION SELECT path FROM cancelled UNION SELECT manifest FROM cancelled WHERE manifest IS NOT NULL"
    )
    return [Path(row["path"]) for row in rows]


def _forget(connection: sqlite3.Connection, clip_id: str) -> None:
    left = connection.execute("DELETE FROM clips WHERE parent = ?", (clip_id,)).rowcount
    connection.execute("DELETE FROM clips WHERE id = ?", (clip_id,))
    count_loss(connection, "manifest", left)
