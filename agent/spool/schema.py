"""The tables of the spool and their version. SQL only; what older versions looked like is in `migration.py`.

Made for a memory card: each table and index that a revision touches is one page more to write, so pages are small,
there is one index, and small tables are one tree each (WITHOUT ROWID). `totals` is kept by triggers, so that bounds are
checked, and numbers given, without looking at a long table.
"""

VERSION = 2
PAGE_BYTES = 1024

MESSAGES = """
CREATE TABLE messages (
    row INTEGER PRIMARY KEY,  -- also the message's seq: above totals.last, so never used twice
    priority INTEGER NOT NULL,
    head INTEGER NOT NULL,  -- the row of the first message of its event that waited with it; its own for all others
    role INTEGER NOT NULL,
    handed INTEGER NOT NULL DEFAULT 0,  -- role start only: it may have reached the ward
    retain INTEGER NOT NULL,
    binary INTEGER NOT NULL,
    expiry_s INTEGER,
    bytes INTEGER NOT NULL,
    topic TEXT NOT NULL,
    at TEXT NOT NULL,
    event TEXT,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX send_order ON messages (priority, head, row, role);  -- role: eviction looks through the index alone
CREATE TRIGGER message_in AFTER INSERT ON messages BEGIN
    UPDATE totals SET messages = messages + 1, bytes = bytes + NEW.bytes, last = max(last, NEW.row);
END;
CREATE TRIGGER message_out AFTER DELETE ON messages BEGIN
    UPDATE totals SET messages = messages - 1, bytes = bytes - OLD.bytes;
END;
"""

EVENTS = """
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    rev INTEGER NOT NULL,
    at TEXT NOT NULL,  -- on these clocks stand the times in the body
    lasted_ms INTEGER NOT NULL,  -- from its start to the last frame that told of it
    topic TEXT NOT NULL,
    priority INTEGER NOT NULL,
    open INTEGER NOT NULL,
    lost INTEGER NOT NULL,  -- its unsent start was evicted: later revisions are not sent either
    head INTEGER NOT NULL,  -- of its newest message
    body BLOB NOT NULL  -- the last revision, whole
) STRICT, WITHOUT ROWID;
CREATE TABLE wanted (
    id TEXT PRIMARY KEY,
    cam TEXT NOT NULL,
    start_at TEXT NOT NULL,
    end_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    priority INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

CLIPS = """
CREATE TABLE clips (
    id TEXT PRIMARY KEY,
    row INTEGER NOT NULL,  -- order of coming, above totals.last_clip
    kind INTEGER NOT NULL,  -- 0 a clip, 1 the manifest of `parent`
    parent TEXT,  -- a manifest's clip
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
    attempts INTEGER NOT NULL DEFAULT 0,
    manifest TEXT,  -- the file that proves this clip
    manifest_url TEXT,  -- where it is at the server
    manifest_sha256 TEXT
) STRICT, WITHOUT ROWID;
CREATE TRIGGER clip_in AFTER INSERT ON clips BEGIN
    UPDATE totals SET last_clip = NEW.row;
END;
"""

REST = """
CREATE TABLE retained_topics (topic TEXT PRIMARY KEY) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE totals (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    last INTEGER NOT NULL,  -- the highest row of messages there ever was
    last_clip INTEGER NOT NULL  -- and of clips
) STRICT;
"""

TABLES = MESSAGES + EVENTS + CLIPS + REST
