"""Rows of `events` and `wanted`: the life of an event from its start until it is over and its clip has left.

Each revision is written whole, in the same transaction as whatever caused it. Functions on an open transaction.
"""

import json
import sqlite3
from dataclasses import dataclass, replace

from agent.clock import NS, Moment
from agent.contract.base import parse_utc, utc
from agent.contract.envelope import shifted_times
from agent.contract.event import ClipMedia, EventMessage
from agent.spool.codec import moment_of, moment_text, wanted_of
from agent.spool.messages import Place, Role, count_loss, insert, waits_behind
from agent.values import ClipWanted, Draft, EndReason, Phase

NO_HEAD = -1  # nothing of the event was queued yet


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """The last revision of an event; `at` is the instant on whose clocks all times in `message` stand."""

    message: EventMessage
    at: Moment
    topic: str
    priority: int
    lasted_ms: int
    open: bool
    lost: bool = False
    head: int = NO_HEAD


def load(connection: sqlite3.Connection, event_id: str) -> KnownEvent | None:
    """The event, if it is still followed. A damaged row is dropped and counted."""
    row = connection.execute("SELECT * FROM events WHERE id = ?", (event_id,)).fetchone()
    if row is None:
        return None
    try:
        message = EventMessage.model_validate_json(row["body"])
        return KnownEvent(
            message,
            moment_of(row["at"]),
            row["topic"],
            row["priority"],
            row["lasted_ms"],
            bool(row["open"]),
            bool(row["lost"]),
            row["head"],
        )
    except ValueError:
        connection.execute("DELETE FROM events WHERE id = ?", (event_id,))
        count_loss(connection, "event")
        return None


def store(connection: sqlite3.Connection, event: KnownEvent, role: Role, handed: bool = False) -> int:
    """Keep a revision and queue it for the ward (not if its start was already lost). The head that it stands behind.

    While an earlier message of the event waits, this one stands behind the same head, so that it leaves after it.
    """
    body, head = event.message.body(), event.head
    if not event.lost:
        behind = head if head != NO_HEAD and waits_behind(connection, event.priority, head) else None
        place = Place(role, event.message.id, behind, handed)
        head = insert(connection, Draft(event.topic, body, event.at, event.priority), place)
    connection.execute(
        "INSERT INTO events (id, rev, body, at, topic, priority, lasted_ms, open, lost, head)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body, at = excluded.at,"
        " lasted_ms = excluded.lasted_ms, open = excluded.open, head = excluded.head",
        (
            event.message.id,
            event.message.rev,
            body,
            moment_text(event.at),
            event.topic,
            event.priority,
            event.lasted_ms,
            int(event.open),
            int(event.lost),
            head,
        ),
    )
    return head


def open_events(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Ids of events without an end."""
    return tuple(row["id"] for row in connection.execute("SELECT id FROM events WHERE open = 1 ORDER BY id"))


def interrupt(connection: sqlite3.Connection, event_id: str, now: Moment) -> None:
    """End an event of an earlier life: what is known of it reaches to its last revision."""
    event = load(connection, event_id)
    if event is None:
        return
    event = moved_to(event, now)
    last_seen_ns = parse_utc(event.message.started_utc) + event.lasted_ms * 10**6
    message = event.message.model_copy(
        update={
            "rev": event.message.rev + 1,
            "phase": Phase.END,
            "end_reason": EndReason.RESTART,
            "ended_utc": utc(last_seen_ns),
        }
    )
    store(connection, replace(event, message=message, open=False), Role.END)
    wanted = load_wanted(connection, event_id)
    if wanted is not None:
        want(connection, replace(wanted, end=_nearer(wanted.end, now), due=now))
    settle(connection, event_id)


def tell_clip(connection: sqlite3.Connection, event_id: str, clip: ClipMedia, now: Moment) -> None:
    """A new revision with what became of the clip; nothing if no event has this id."""
    event = load(connection, event_id)
    if event is not None:
        event = moved_to(event, now)
        media = event.message.media.model_copy(update={"clip": clip})
        message = event.message.model_copy(update={"media": media, "rev": event.message.rev + 1})
        store(connection, replace(event, message=message), Role.FACTS)
    settle(connection, event_id)


def want(connection: sqlite3.Connection, wanted: ClipWanted) -> None:
    """Ask for footage, or change what was asked."""
    connection.execute(
        "INSERT OR REPLACE INTO wanted (id, cam, start_at, end_at, due_at, priority) VALUES (?, ?, ?, ?, ?, ?)",
        (
            wanted.id,
            wanted.cam,
            moment_text(wanted.start),
            moment_text(wanted.end),
            moment_text(wanted.due),
            wanted.priority,
        ),
    )


def load_wanted(connection: sqlite3.Connection, wanted_id: str) -> ClipWanted | None:
    """What is asked for under this id."""
    row = connection.execute("SELECT * FROM wanted WHERE id = ?", (wanted_id,)).fetchone()
    return None if row is None else wanted_of(row)


def all_wanted(connection: sqlite3.Connection) -> tuple[ClipWanted, ...]:
    """Everything asked for, the most important first."""
    return tuple(wanted_of(row) for row in connection.execute("SELECT * FROM wanted ORDER BY priority, id"))


def settle(connection: sqlite3.Connection, event_id: str) -> None:
    """Forget an event that is over and whose clip needs nothing more."""
    connection.execute(
        "DELETE FROM events WHERE id = ? AND open = 0"
        " AND NOT EXISTS (SELECT 1 FROM wanted WHERE id = events.id)"
        " AND NOT EXISTS (SELECT 1 FROM clips WHERE id = events.id)",
        (event_id,),
    )


def moved_to(event: KnownEvent, now: Moment) -> KnownEvent:
    """The same event with its times on the clocks of `now`, so far as that makes them better.

    Times of an unset clock of this boot move along with it; right times, and times of another boot, stay on theirs.
    """
    if event.at.boot_id == now.boot_id and not event.at.trusted:
        delta_ns = (now.wall_ns - now.mono_ns) - (event.at.wall_ns - event.at.mono_ns)
        return replace(event, message=_shifted(event.message, delta_ns, now.trusted), at=now)
    return replace(event, at=now) if event.at.trusted and now.trusted else event


def _shifted(message: EventMessage, delta_ns: int, corrected: bool) -> EventMessage:
    fields = shifted_times(json.loads(message.body()), delta_ns)
    return EventMessage.model_validate(fields | {"corrected": message.corrected or corrected})


def _nearer(end: Moment, now: Moment) -> Moment:
    if end.boot_id == now.boot_id:
        return end if end.mono_ns < now.mono_ns else now
    if end.trusted and now.trusted and end.wall_ns > now.wall_ns:
        return end.shifted((now.wall_ns - end.wall_ns) / NS)
    return end
