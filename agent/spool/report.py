"""The spool's state for health. One read."""

import sqlite3

from agent.clock import Moment
from agent.spool.codec import moment_of
from agent.spool.messages import age_s
from agent.values import SpoolState, WaitingMessages


def state_of(connection: sqlite3.Connection, now: Moment, set_aside: int) -> SpoolState:
    """What waits, how old it is, what was lost."""
    total = connection.execute("SELECT messages, bytes FROM totals").fetchone()
    oldest = connection.execute("SELECT at FROM messages ORDER BY row LIMIT 1").fetchone()
    clip = connection.execute(
        "SELECT coalesce(sum(kind = 0), 0) AS number, coalesce(sum(bytes), 0) AS bytes FROM clips"
    ).fetchone()
    wanted = connection.execute("SELECT count(*) AS number FROM wanted").fetchone()["number"]
    waiting = connection.execute(
        "SELECT priority, count(*) AS number FROM messages GROUP BY priority ORDER BY priority"
    )
    lost = {row["name"]: int(row["value"]) for row in connection.execute("SELECT name, value FROM counters")}
    lost_clips = lost.pop("clip", 0)
    age = age_s(moment_of(oldest["at"]), now) if oldest is not None else None
    return SpoolState(
        messages=total["messages"],
        oldest_age_s=max(0.0, age or 0.0),
        clips=clip["number"],
        wanted=wanted,
        bytes=total["bytes"] + clip["bytes"],
        dropped_messages=sum(lost.values()),
        dropped_clips=lost_clips,
        set_aside=set_aside,
        waiting=tuple(WaitingMessages(row["priority"], row["number"]) for row in waiting),
    )
