"""Which messages leave next: what has come since the line came up overtakes what waited, and neither starves.

`floor` is the highest row there was when the line came up. A message stands where the head of its event stands, so
revisions of one event are always in one lane, and in order. Functions on an open transaction.
"""

import sqlite3
from collections.abc import Collection, Iterator

LIVE_PER_OLD = 4  # so many live ones before one that waited
EVERYTHING = -1  # a floor below every row: one lane


class Turn:
    """Whose turn it is, from one batch to the next."""

    def __init__(self) -> None:
        self._live = 0

    def merged(self, live: list[sqlite3.Row], old: list[sqlite3.Row], limit: int) -> list[sqlite3.Row]:
        """Up to `limit` of both; each list keeps its order."""
        merged: list[sqlite3.Row] = []
        lives, olds = iter(live), iter(old)
        while len(merged) < limit:
            if self._live >= LIVE_PER_OLD:
                self._live = 0
                row = next(olds, None) or next(lives, None)
            elif row := next(lives, None):
                self._live += 1
            else:
                row = next(olds, None)
            if row is None:
                break
            merged.append(row)
        return merged


def waiting(
    connection: sqlite3.Connection, limit: int, skip: Collection[int], floor: int, turn: Turn
) -> list[sqlite3.Row]:
    """The next `limit` rows to send but those in `skip`; within a lane by priority, then oldest first."""
    ranks = _priorities(connection)
    live = _lane(connection, ranks, "> ?", floor)
    old = _lane(connection, ranks, "<= ?", floor)
    return turn.merged(_taken(live, limit, skip), _taken(old, limit, skip), limit)


def _taken(rows: Iterator[sqlite3.Row], limit: int, skip: Collection[int]) -> list[sqlite3.Row]:
    taken: list[sqlite3.Row] = []
    if limit > 0:
        for row in rows:
            if row["row"] not in skip:
                taken.append(row)
            if len(taken) == limit:
                break
    return taken


def _lane(connection: sqlite3.Connection, ranks: list[int], which: str, floor: int) -> Iterator[sqlite3.Row]:
    # One walk along the index per priority, ended as soon as the caller has enough.
    for rank in ranks:
        yield from connection.execute(
            f"SELECT * FROM messages WHERE priority = ? AND head {which} ORDER BY head, row",  # noqa: S608
            (rank, floor),
        )


def _priorities(connection: sqlite3.Connection) -> list[int]:
    # There are few; each is one look into the index (SQLite has no skip-scan without ANALYZE).
    found: list[int] = []
    row = connection.execute("SELECT min(priority) FROM messages").fetchone()
    while row[0] is not None:
        found.append(row[0])
        row = connection.execute("SELECT min(priority) FROM messages WHERE priority > ?", (row[0],)).fetchone()
    return found
