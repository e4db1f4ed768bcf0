"""A database of version 1 becomes one of version 2, in place and within little room. Good data is never set aside.

The small tables change in one transaction, which also sets the version; the messages then move over a hundred at a
time, each hundred in a transaction of its own, so that a long queue needs no second place on the disk. After a crash in
between the next start goes on.
"""

import sqlite3

from agent.spool.schema import CLIPS, EVENTS, MESSAGES, VERSION

AT_ONCE = 100
OLD_MESSAGES = "messages_1"
CLIPS_LATER = 100  # added to the priority of clips of events: requested footage leaves first

BEGIN = f"""
BEGIN IMMEDIATE;
DROP TRIGGER message_in;
DROP TRIGGER message_out;
DROP INDEX messages_by_priority;
DROP INDEX messages_by_role;
DROP INDEX messages_by_event;
DROP INDEX unsent_starts;
ALTER TABLE messages RENAME TO {OLD_MESSAGES};
ALTER TABLE events RENAME TO events_1;
ALTER TABLE wanted RENAME TO wanted_1;
ALTER TABLE clips RENAME TO clips_1;
ALTER TABLE totals ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN last_clip INTEGER NOT NULL DEFAULT 0;
UPDATE totals SET messages = 0, bytes = 0,
    last = coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{OLD_MESSAGES}'), 0);
{MESSAGES}
{EVENTS}
{CLIPS}
INSERT INTO events (id, rev, at, lasted_ms, topic, priority, open, lost, head, body)
    SELECT id, rev, at, lasted_ms, topic, priority, open, lost, 0, body FROM events_1;
INSERT INTO wanted (id, cam, start_at, end_at, due_at, priority)
    SELECT id, cam, start_at, end_at, due_at,
        priority + CASE WHEN id IN (SELECT id FROM events_1) THEN {CLIPS_LATER} ELSE 0 END FROM wanted_1;
INSERT INTO clips (row, id, kind, cam, path, start_ns, end_ns, bytes, sha256, gaps, at, priority, upload_url, attempts)
    SELECT row, id, 0, cam, path, start_ns, end_ns, bytes, sha256, gaps, at,
        priority + CASE WHEN id IN (SELECT id FROM events_1) THEN {CLIPS_LATER} ELSE 0 END, upload_url, attempts
    FROM clips_1 ORDER BY row;
DROP TABLE events_1;
DROP TABLE wanted_1;
DROP TABLE clips_1;
PRAGMA user_version={VERSION};
COMMIT;
"""  # noqa: S608 - constants


def migrate(connection: sqlite3.Connection, version: int) -> bool:
    """Bring a database of an earlier version up to this one; was there anything to do?

    Raises sqlite3.Error; to be called again then.
    """
    if version == 1:
        connection.executescript(BEGIN)
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (OLD_MESSAGES,)).fetchone() is None:
        return False
    while _move(connection):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # so that the log stays short
    connection.execute(f"DROP TABLE {OLD_MESSAGES}")
    return True


def _move(connection: sqlite3.Connection) -> bool:
    # Head 0: they all leave in the order in which they came, and what follows in their events leaves behind them.
    connection.execute("BEGIN IMMEDIATE")
    rows = [row[0] for row in connection.execute(f"SELECT row FROM {OLD_MESSAGES} ORDER BY row LIMIT {AT_ONCE}")]  # noqa: S608
    if rows:
        last = rows[-1]
        connection.execute(
            "INSERT INTO messages"  # noqa: S608
            " (row, priority, head, role, handed, retain, binary, expiry_s, bytes, topic, at, event, body)"
            " SELECT row, priority, 0, role, handed, retain, binary, expiry_s, bytes, topic, at, event, body"
            f" FROM {OLD_MESSAGES} WHERE row <= ? ORDER BY row",
            (last,),
        )
        connection.execute(f"DELETE FROM {OLD_MESSAGES} WHERE row <= ?", (last,))  # noqa: S608
    connection.execute("COMMIT")
    return bool(rows)
