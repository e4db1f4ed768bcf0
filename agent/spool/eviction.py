"""What is dropped when too much waits, and in which order. Every row is counted in `counters`.

Thumbnails first, then updates, then facts about clips, then unimportant others, then whole events of which nothing has
reached the ward, then all others. Never the end of an event whose start may have gone out, so that a ward never keeps
an event open for ever. What remains in the worst case is one end per event that was open, which the rules bound.
"""

import sqlite3
from dataclasses import dataclass

from agent.config.model import SpoolSection
from agent.spool.messages import Role, count_loss

BYTES_PER_MESSAGE = 1_000  # an event is 400 to 1,500 bytes: so rows and bytes run out together
MIN_BYTES = 4_000_000  # a hundred thumbnails, however few rows are allowed
UNIMPORTANT = 20


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
    for role, name in ((Role.THUMB, "thumb"), (Role.UPDATE, "update"), (Role.FACTS, "facts")):
        while _over(connection, bounds) and _drop_oldest(connection, f"role = {int(role)}", name):
            pass
    others = f"role = {int(Role.OTHER)}"
    while _over(connection, bounds) and _drop_oldest(connection, f"{others} AND priority >= {UNIMPORTANT}", "other"):
        pass
    while _over(connection, bounds) and _drop_event(connection):
        pass
    while _over(connection, bounds) and _drop_oldest(connection, others, "other"):
        pass


def _over(connection: sqlite3.Connection, bounds: Bounds) -> bool:
    total = connection.execute("SELECT messages, bytes FROM totals").fetchone()
    return bool(total["messages"] > bounds.messages or total["bytes"] > bounds.message_bytes)


def _drop_oldest(connection: sqlite3.Connection, which: str, name: str) -> bool:
    # `which` is one of the fixed conditions above, never input. The leading ORDER BY uses an index in each case.
    gone = connection.execute(
        f"DELETE FROM messages WHERE row = (SELECT row FROM messages WHERE {which} ORDER BY row LIMIT 1)"  # noqa: S608
    ).rowcount
    count_loss(connection, name, gone)
    return gone > 0


def _drop_event(connection: sqlite3.Connection) -> bool:
    start = connection.execute(
        # Constants, not parameters: so that the partial index `unsent_starts` serves it.
        f"SELECT event FROM messages WHERE role = {int(Role.START)} AND handed = 0"  # noqa: S608
        " ORDER BY priority DESC, row LIMIT 1"
    ).fetchone()
    if start is None:
        return False
    connection.execute("DELETE FROM messages WHERE event = ?", (start["event"],))
    connection.execute("UPDATE events SET lost = 1 WHERE id = ?", (start["event"],))
    count_loss(connection, "event")
    return True
