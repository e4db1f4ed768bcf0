"""A database as release 1 of the schema left it."""

import sqlite3
from pathlib import Path

from agent.spool.codec import moment_text
from tests.spool.support import T0, TOPICS, StillClock

TABLES = """
CREATE TABLE messages (row INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, body BLOB NOT NULL, at TEXT NOT NULL,
    priority INTEGER NOT NULL, role INTEGER NOT NULL, event TEXT, retain INTEGER NOT NULL, binary INTEGER NOT NULL,
    expiry_s INTEGER, bytes INTEGER NOT NULL, handed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX messages_by_priority ON messages (priority, row);
CREATE INDEX messages_by_role ON messages (role, row);
CREATE INDEX messages_by_event ON messages (event) WHERE event IS NOT NULL;
CREATE INDEX unsent_starts ON messages (priority DESC, row) WHERE role = 4 AND handed = 0;
CREATE TABLE events (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, body BLOB NOT NULL, at TEXT NOT NULL,
    lasted_ms INTEGER NOT NULL, topic TEXT NOT NULL, priority INTEGER NOT NULL, open INTEGER NOT NULL,
    lost INTEGER NOT NULL) STRICT;
CREATE TABLE wanted (id TEXT PRIMARY KEY, cam TEXT NOT NULL, start_at TEXT NOT NULL, end_at TEXT NOT NULL,
    due_at TEXT NOT NULL, priority INTEGER NOT NULL) STRICT;
CREATE TABLE clips (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, cam TEXT NOT NULL,
    path TEXT NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, gaps TEXT NOT NULL, at TEXT NOT NULL, priority INTEGER NOT NULL, upload_url TEXT,
    sent_bytes INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE retained_topics (topic TEXT PRIMARY KEY) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE totals (only INTEGER PRIMARY KEY CHECK (only = 0), messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL) STRICT;
INSERT INTO totals VALUES (0, 0, 0);
CREATE TRIGGER message_in AFTER INSERT ON messages BEGIN
    UPDATE totals SET messages = messages + 1, bytes = bytes + NEW.bytes;
END;
CREATE TRIGGER message_out AFTER DELETE ON messages BEGIN
    UPDATE totals SET messages = messages - 1, bytes = bytes - OLD.bytes;
END;
"""
BODY = (
    '{"schema":"event/1","id":"e1","rev":%d,"phase":"start","rule":"intrusion","rule_id":"intrusion-gate",'
    '"severity":"warning","cam":"gate","started_utc":"2026-05-28T20:26:40.000Z","mono_ms":1000000}'
)
LAST_ROW = 5000  # the highest there was; its message has left


def make(path: Path, clock: StillClock, plain: int) -> None:
    """An open event of two revisions, `plain` other messages, a clip under way, footage wanted twice."""
    at = moment_text(clock.now())
    topic = TOPICS.event("gate", "intrusion")
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(TABLES)
    insert = "INSERT INTO messages (topic, body, at, priority, role, event, retain, binary, bytes, handed)"
    insert += " VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, ?)"
    connection.execute("BEGIN")
    for rev, role, handed in ((1, 4, 1), (2, 2, 0)):
        connection.execute(insert, (topic, (BODY % rev).encode(), at, 20, role, "e1", 100, handed))
    for number in range(plain):
        body = b'{"n":%d}' % number
        connection.execute(insert, (TOPICS.health(), body, at, 20, 0, None, len(body), 0))
    connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'messages'", (LAST_ROW,))
    connection.execute("INSERT INTO events VALUES ('e1', 2, ?, ?, 1000, ?, 20, 1, 0)", ((BODY % 2).encode(), at, topic))
    for wanted_id, priority in (("e1", 30), ("job", 60)):
        connection.execute("INSERT INTO wanted VALUES (?, 'gate', ?, ?, ?, ?)", (wanted_id, at, at, at, priority))
    clip = (str(path.parent / "clips" / "job2.mp4"), T0, T0 + 10, 15, "0" * 64, "[]", at, 60, "https://ward/files/9")
    connection.execute(
        "INSERT INTO clips (id, cam, path, start_ns, end_ns, bytes, sha256, gaps, at, priority, upload_url, sent_bytes)"
        " VALUES ('job2', 'gate', ?, ?, ?, ?, ?, ?, ?, ?, ?, 7)",
        clip,
    )
    connection.execute("INSERT INTO counters VALUES ('thumb', 3)")
    connection.execute("PRAGMA application_id=1128353107")
    connection.execute("PRAGMA user_version=1")
    connection.execute("COMMIT")
    connection.close()
