"""The tables of the spool and their version. SQL only.

`totals` is kept by triggers, so that bounds are checked without counting a long table.
"""

VERSION = 1

TABLES = """
CREATE TABLE messages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,  -- also the message's seq: never used twice
    topic TEXT NOT NULL,
    body BLOB NOT NULL,
    at TEXT NOT NULL,
    priority INTEGER NOT NULL,
    role INTEGER NOT NULL,
    event TEXT,
    retain INTEGER NOT NULL,
    binary INTEGER NOT NULL,
    expiry_s INTEGER,
    bytes INTEGER NOT NULL,
    handed INTEGER NOT NULL DEFAULT 0  -- role start only: it may have reached the ward
) STRICT;
CREATE INDEX messages_by_priority ON messages (priority, row);
CREATE INDEX messages_by_role ON messages (role, row);
CREATE INDEX messages_by_event ON messages (event) WHERE event IS NOT NULL;
CREATE INDEX unsent_starts ON messages (priority DESC, row) WHERE role = 4 AND handed = 0;
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    rev INTEGER NOT NULL,
    body BLOB NOT NULL,  -- the last revision, whole
    at TEXT NOT NULL,  -- on these clocks stand the times in it
    lasted_ms INTEGER NOT NULL,  -- from its start to the last frame that told of it
    topic TEXT NOT NULL,
    priority INTEGER NOT NULL,
    open INTEGER NOT NULL,
    lost INTEGER NOT NULL  -- its unsent start was evicted: later revisions are not sent either
) STRICT;
CREATE TABLE wanted (
    id TEXT PRIMARY KEY,
    cam TEXT NOT NULL,
    start_at TEXT NOT NULL,
    end_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    priority INTEGER NOT NULL
) STRICT;
CREATE TABLE clips (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    cam TEXT NOT NULL,
    path TEXT NOT NULL,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    gaps TEXT NOT NULL,
    at TEXT NOT NULL,  -- on these clocks stand its times
    priority INTEGER NOT NULL,
    upload_url TEXT,
    sent_bytes INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE retained_topics (topic TEXT PRIMARY KEY) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE totals (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO totals VALUES (0, 0, 0);
CREATE TRIGGER message_in AFTER INSERT ON messages BEGIN
    UPDATE totals SET messages = messages + 1, bytes = bytes + NEW.bytes;
END;
CREATE TRIGGER message_out AFTER DELETE ON messages BEGIN
    UPDATE totals SET messages = messages - 1, bytes = bytes - OLD.bytes;
END;
"""
