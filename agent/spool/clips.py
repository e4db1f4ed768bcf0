"""Rows of `clips`: queued, uploaded piece by piece, gone. Functions on an open transaction; files are not touched."""

import sqlite3
from pathlib import Path

from agent.clock import Moment
from agent.contract.event import ClipMedia, clip_media
from agent.spool.codec import clip_of, gaps_text, moment_text
from agent.spool.events import tell_clip
from agent.spool.messages import count_loss
from agent.values import Clip, OutgoingClip

PATIENCE = 4  # tries without progress before the next clip gets its turn


def insert(connection: sqlite3.Connection, clip: Clip, at: Moment, now: Moment) -> None:
    """Queue a clip (once) and tell its event. `at`: on these clocks stand the clip's times."""
    connection.execute(
        "INSERT OR IGNORE INTO clips (id, cam, path, start_ns, end_ns, bytes, sha256, gaps, at, priority)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            clip.id,
            clip.cam,
            str(clip.path),
            clip.start_ns,
            clip.end_ns,
            clip.bytes,
            clip.sha256,
            gaps_text(clip.gaps),
            moment_text(at),
            clip.priority,
        ),
    )
    tell_clip(connection, clip.id, clip_media(clip, "queued"), now)


def load(connection: sqlite3.Connection, clip_id: str, now: Moment) -> OutgoingClip | None:
    """One clip."""
    row = connection.execute("SELECT * FROM clips WHERE id = ?", (clip_id,)).fetchone()
    return None if row is None else clip_of(row, now)


def first(connection: sqlite3.Connection, now: Moment) -> OutgoingClip | None:
    """The clip whose turn it is: by priority, then the oldest, but none holds up the others for ever."""
    row = connection.execute("SELECT * FROM clips ORDER BY priority, attempts / ?, row LIMIT 1", (PATIENCE,)).fetchone()
    return None if row is None else clip_of(row, now)


def uploaded(connection: sqlite3.Connection, clip: OutgoingClip, url: str, now: Moment) -> None:
    """The server has all of it: forget the row, tell the event."""
    connection.execute("DELETE FROM clips WHERE id = ?", (clip.id,))
    tell_clip(connection, clip.id, clip_media(clip, "uploaded", url), now)


def dropped(connection: sqlite3.Connection, clip_id: str, reason: str, now: Moment) -> None:
    """It will never leave: forget the row, count it, tell the event why."""
    connection.execute("DELETE FROM clips WHERE id = ?", (clip_id,))
    count_loss(connection, "clip")
    tell_clip(connection, clip_id, ClipMedia(state="dropped", reason=reason), now)


def evict(connection: sqlite3.Connection, budget_bytes: int, now: Moment) -> list[OutgoingClip]:
    """Drop what is over the budget: least important first, of those the oldest, of those not one already on its way."""
    gone: list[OutgoingClip] = []
    while connection.execute("SELECT coalesce(sum(bytes), 0) FROM clips").fetchone()[0] > budget_bytes:
        row = connection.execute("SELECT * FROM clips ORDER BY priority DESC, sent_bytes > 0, row LIMIT 1").fetchone()
        gone.append(clip_of(row, now))
        dropped(connection, row["id"], "budget", now)
    return gone


def paths(connection: sqlite3.Connection) -> list[Path]:
    """The files that rows name."""
    return [Path(row["path"]) for row in connection.execute("SELECT path FROM clips")]
