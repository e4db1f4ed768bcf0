"""What is dropped when too much waits, and in which order. Every row is counted in `counters`.

Thumbnails first, then updates, then facts about clips, then unimportant others, then whole events of which nothing has
reached the ward, then all others. Never the end of an event whose start may have gone out, so that a ward never keeps
an event open for ever. What remains in the worst case is one end per event that was open, which the rules bound.

A look through the index per kind, and only when a bound is passed: there is no index for eviction to be kept on a card.
"""

import sqlite3
from dataclasses import dataclass

from agent.config.model import SpoolSection
from agent.spool.messages import Role, count_loss

BYTES_PER_MESSAGE = 1_000  # an event is 400 to 1,500 bytes: so rows and bytes run out together
MIN_BYTES = 4_000_000  # a hundred thumbnails, however few rows are allowed
UNIMPORTANT = 20
AT_ONCE = 200  # rows found in one look


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait."""

    messages: int
    message_bytes: int
    clip_bytes: int

    @classmethod
    def of(cls, section: SpoolSection) -> "Bounds":
        """As configured."""
        return cls(section.messages, max(MIN_BYTES, section.messages * BYTES_PER_MESSAGE), section.clips_budget)


def evict(connection: sqlite3.Connection, bounds: Bounds) -> None:
    """Bring the messages back within their bounds."""
    if not _over(connection, bounds):
        return
    # One look tells which kinds are worth a look of their own.
    found = {row["role"] for row in connection.execute("SELECT DISTINCT role FROM messages INDEXED BY send_order")}
    for role, name in ((Role.THUMB, "thumb"), (Role.UPDATE, "update"), (Role.FACTS, "facts")):
        if role in found:
            _drop_oldest(connection, bounds, f"role = {int(role)}", name)
    others = f"role = {int(Role.OTHER)}"
    if Role.OTHER in found:
        _drop_oldest(connection, bounds, f"{others} AND priority >= {UNIMPORTANT}", "other")
    if Role.START in found:
        _drop_events(connection, bounds)
    if Role.OTHER in found:
        _drop_oldest(connection, bounds, others, "other")


def _over(connection: sqlite3.Connection, bounds: Bounds) -> bool:
    total = connection.execute("SELECT messages, bytes FROM totals").fetchone()
    return bool(total["messages"] > bounds.messages or total["bytes"] > bounds.message_bytes)


def _drop_oldest(connection: sqlite3.Connection, bounds: Bounds, which: str, name: str) -> None:
    # `which` is one of the fixed conditions above, never input.
    query = f"SELECT row FROM messages INDEXED BY send_order WHERE {which} ORDER BY row LIMIT {AT_ONCE}"  # noqa: S608
    while _over(connection, bounds) and (rows := _rows(connection, query)):
        for row in rows:
            connection.execute("DELETE FROM messages WHERE row = ?", (row,))
            count_loss(connection, name)
            if not _over(connection, bounds):
                return


def _drop_events(connection: sqlite3.Connection, bounds: Bounds) -> None:
    if not _over(connection, bounds):
        return
    starts = f"SELECT row FROM messages INDEXED BY send_order WHERE role = {int(Role.START)}"  # noqa: S608
    for row in _rows(connection, f"{starts} ORDER BY priority DESC, row"):
        start = connection.execute(
            "SELECT event, priority, head, handed FROM messages WHERE row = ?", (row,)
        ).fetchone()
        if start["handed"]:
            continue
        # Its thumbnails, which have another priority, were the first to go.
        connection.execute(
            "DELETE FROM messages WHERE priority = ? AND head = ? AND event = ?",
            (start["priority"], start["head"], start["event"]),
        )
        connection.execute("UPDATE events SET lost = 1 WHERE id = ?", (start["event"],))
        count_loss(connection, "event")
        if not _over(connection, bounds):
            return


def _rows(connection: sqlite3.Connection, query: str) -> list[int]:
    # Read to the end before anything is deleted; numbers only.
    return [int(row["row"]) for row in connection.execute(query)]
