"""Rows of `messages`: in, out in order, gone. Functions on an open transaction; nothing here commits."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from agent.clock import NS, Clock, Moment
from agent.contract.envelope import seal
from agent.contract.topics import node_of
from agent.spool.codec import moment_of, moment_text
from agent.values import Draft, OutgoingMessage


class Role(IntEnum):
    """What a message is to its event; decides what may be dropped."""

    OTHER = 0
    THUMB = 1
    UPDATE = 2
    FACTS = 3  # a later revision about the clip
    START = 4
    END = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: what it is to which event, and behind which head (None: it is its own)."""

    role: Role = Role.OTHER
    event: str | None = None
    head: int | None = None
    handed: bool = False  # role start only: it will be handed out before anybody could mark it


PLAIN = Place()


def insert(connection: sqlite3.Connection, draft: Draft, place: Place = PLAIN) -> int:
    """Keep one draft; gives the head that it stands behind. Raises ValueError for what could never be sealed."""
    node_of(draft.topic)
    if not draft.binary and draft.body and not isinstance(json.loads(draft.body), dict):
        raise ValueError(f"the body of a message is a JSON object: {draft.topic}")
    row = last_row(connection) + 1
    head = row if place.head is None else place.head
    connection.execute(
        "INSERT INTO messages"
        " (row, priority, head, role, handed, retain, binary, expiry_s, bytes, topic, at, event, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row,
            draft.priority,
            head,
            int(place.role),
            int(place.handed),
            int(draft.retain),
            int(draft.binary),
            draft.expiry_s,
            len(draft.body) + len(draft.topic),
            draft.topic,
            moment_text(draft.at),
            place.event,
            draft.body,
        ),
    )
    if draft.retain:
        connection.execute("INSERT OR IGNORE INTO retained_topics VALUES (?)", (draft.topic,))
    return head


def last_row(connection: sqlite3.Connection) -> int:
    """The highest row that was ever given."""
    return int(connection.execute("SELECT last FROM totals").fetchone()["last"])


def number(connection: sqlite3.Connection) -> int:
    """How many wait."""
    return int(connection.execute("SELECT messages FROM totals").fetchone()["messages"])


def waits_behind(connection: sqlite3.Connection, priority: int, head: int) -> bool:
    """Does any message of this priority still wait behind `head`?"""
    return bool(
        connection.execute(
            "SELECT 1 FROM messages WHERE priority = ? AND head = ? LIMIT 1", (priority, head)
        ).fetchone()
    )


def mark_handed(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """These starts may have reached the ward from now on."""
    connection.executemany("UPDATE messages SET handed = 1 WHERE row = ?", [(row,) for row in rows])


def remove(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Forget these rows; unknown ones are no error."""
    connection.executemany("DELETE FROM messages WHERE row = ?", [(row,) for row in rows])


def sealed(row: sqlite3.Row, clock: Clock) -> OutgoingMessage:
    """The payload as of now. An empty body stays empty: it clears a retained topic. Raises ValueError when damaged."""
    at = moment_of(row["at"])
    plain = bool(row["binary"]) or not row["body"]
    payload = row["body"] if plain else seal(row["body"], row["topic"], at, clock, row["row"])
    left_s = None if row["expiry_s"] is None else max(1, row["expiry_s"] - round(age_s(at, clock.now()) or 0.0))
    return OutgoingMessage(row["row"], row["topic"], payload, bool(row["retain"]), left_s)


def expired(row: sqlite3.Row, now: Moment) -> bool:
    """Nobody wants it any more."""
    age = age_s(moment_of(row["at"]), now) if row["expiry_s"] is not None else None
    return age is not None and age > row["expiry_s"]


def age_s(at: Moment, now: Moment) -> float | None:
    """Seconds from `at` to `now`; None when no clock can tell."""
    if at.boot_id == now.boot_id:
        return (now.mono_ns - at.mono_ns) / NS
    return (now.wall_ns - at.wall_ns) / NS if at.trusted and now.trusted else None


def count_loss(connection: sqlite3.Connection, name: str, number: int = 1) -> None:
    """Add to a counter that lives as long as the database."""
    if number:
        connection.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, number),
        )
