"""How each kind of row is written: idempotent, and with the same result in whatever order the messages come.

Tables are written in this order and rows in the order of their keys, so that two consumers never wait for each other in
a circle.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """An INSERT of `columns` into `table`, and what happens when the row is there."""

    table: str
    columns: str
    otherwise: str
    key: int  # so many of the columns, from the first, are the key by which rows are sorted

    def sql(self) -> str:
        """With one placeholder for each column."""
        places = ", ".join("%s" for _ in self.columns.split(","))
        return f"INSERT INTO {self.table} ({self.columns}) VALUES ({places}) {self.otherwise}"  # noqa: S608  # all of it is written below


NODE = Statement(
    "node",
    "node, ward, last_seen_at",
    "ON CONFLICT (node) DO UPDATE SET last_seen_at = greatest(node.last_seen_at, excluded.last_seen_at)",
    1,
)
BIRTH = Statement(
    "node",
    "node, ward, birth_at, session, label, agent_version, config_hash, insecure, timezone, latitude, longitude, "
    "cameras, capabilities",
    """ON CONFLICT (node) DO UPDATE SET birth_at = excluded.birth_at, session = excluded.session,
    label = excluded.label, agent_version = excluded.agent_version, config_hash = excluded.config_hash,
    insecure = excluded.insecure, timezone = excluded.timezone,
    latitude = excluded.latitude, longitude = excluded.longitude, cameras = excluded.cameras,
    capabilities = excluded.capabilities
    WHERE node.birth_at IS NULL OR node.birth_at <= excluded.birth_at""",
    1,
)
NODE_KEY = Statement(
    "node_key",
    "node, fingerprint, public_key, first_seen_at",
    """ON CONFLICT (node, fingerprint) DO UPDATE
    SET first_seen_at = least(node_key.first_seen_at, excluded.first_seen_at)""",
    2,
)
SESSION = Statement(
    "session",
    "node, session, begun_at, ended, ended_at",
    """ON CONFLICT (node, session) DO UPDATE SET begun_at = least(session.begun_at, excluded.begun_at),
    ended = coalesce(session.ended, excluded.ended), ended_at = least(session.ended_at, excluded.ended_at)""",
    2,
)
EVENT = Statement(
    "event",
    "node, id, made_at, rev, phase, rule, rule_id, severity, cam, started_at, ended_at, end_reason, clock_trusted, "
    "count, zone, direction, clip_state, clip_url, clip_sha256, clip_bytes, clip_from, clip_to, clip_reason, "
    "manifest_url, manifest_sha256",
    """ON CONFLICT (node, id, made_at) DO UPDATE SET rev = excluded.rev, phase = excluded.phase, rule = excluded.rule,
    rule_id = excluded.rule_id, severity = excluded.severity, cam = excluded.cam, started_at = excluded.started_at,
    ended_at = excluded.ended_at, end_reason = excluded.end_reason, clock_trusted = excluded.clock_trusted,
    count = excluded.count, zone = excluded.zone, direction = excluded.direction, clip_state = excluded.clip_state,
    clip_url = excluded.clip_url, clip_sha256 = excluded.clip_sha256, clip_bytes = excluded.clip_bytes,
    clip_from = excluded.clip_from, clip_to = excluded.clip_to, clip_reason = excluded.clip_reason,
    manifest_url = excluded.manifest_url, manifest_sha256 = excluded.manifest_sha256
    WHERE event.rev < excluded.rev""",
    4,
)
EVENT_REV = Statement(
    "event_rev", "node, id, rev, made_at, seq, sent_at, received_at, body", "ON CONFLICT DO NOTHING", 3
)
EVENT_OBJECT = Statement(
    "event_object",
    "node, id, rev, ordinal, made_at, track, class, score, box, dwell_s, role",
    "ON CONFLICT DO NOTHING",
    4,
)
THUMB = Statement("thumb", "node, event_id, made_at, cam, received_at, jpeg", "ON CONFLICT DO NOTHING", 2)
HEALTH = Statement(
    "health",
    "node, at, boot_id, seen_at, received_at, uptime_s, rss_mb, cpu_pct, temp_c, disk_free_mb, rtt_ms, reconnects, "
    "spool_messages, spool_oldest_s, spool_clips, dropped_total, faults",
    "ON CONFLICT DO NOTHING",
    3,
)
HEALTH_CAM = Statement(
    "health_cam",
    "node, cam, at, boot_id, seen_at, uptime_s, state, cause, view, fps, recorded_s, expected_s, gap_s, "
    "footage_oldest_at, footage_bytes, chain_link",
    "ON CONFLICT DO NOTHING",
    4,
)
GAP = Statement(
    "recording_gap",
    "node, cam, from_at, to_at, cause",
    """ON CONFLICT (node, cam, from_at, cause) DO UPDATE SET to_at = excluded.to_at
    WHERE recording_gap.to_at < excluded.to_at""",
    5,
)
# A fault that was closed by mistake, because its messages came in another order, is opened by what was said later.
FAULT = Statement(
    "fault",
    "node, code, since, seen_at, severity, sources, text_vi, text_en, remedy_vi, remedy_en",
    """ON CONFLICT (node, code, since) DO UPDATE SET seen_at = excluded.seen_at, severity = excluded.severity,
    sources = excluded.sources, text_vi = excluded.text_vi, text_en = excluded.text_en,
    remedy_vi = excluded.remedy_vi, remedy_en = excluded.remedy_en,
    cleared_at = CASE WHEN fault.cleared_at < excluded.seen_at THEN NULL ELSE fault.cleared_at END
    WHERE fault.seen_at < excluded.seen_at""",
    4,
)
NEWER = "(job.seq, job.seen_at) < (excluded.seq, excluded.seen_at)"
SAID = ("seq", "seen_at", "kind", "state", "error_vi", "error_en", "reason_vi", "reason_en", "until_at")
KEPT = ("cam", "from_at", "to_at", "coverage_s", "bytes_total", "bytes_sent")  # not every message repeats them
JOB = Statement(
    "job",
    f"node, job_id, request_id, {', '.join(SAID)}, {', '.join(KEPT)}",
    "ON CONFLICT (node, job_id) DO UPDATE SET "
    + ", ".join(
        [f"{one} = CASE WHEN {NEWER} THEN excluded.{one} ELSE job.{one} END" for one in SAID]
        + [
            f"{one} = CASE WHEN {NEWER} THEN coalesce(excluded.{one}, job.{one}) "
            f"ELSE coalesce(job.{one}, excluded.{one}) END"
            for one in KEPT
        ]
    ),
    4,
)
JOB_FILE = Statement(
    "job_file",
    "node, job_id, name, url, sha256, bytes, from_at, to_at, manifest_url, manifest_sha256",
    """ON CONFLICT (node, job_id, name) DO UPDATE SET url = coalesce(excluded.url, job_file.url),
    sha256 = excluded.sha256, bytes = excluded.bytes,
    manifest_url = coalesce(excluded.manifest_url, job_file.manifest_url),
    manifest_sha256 = coalesce(excluded.manifest_sha256, job_file.manifest_sha256)""",
    3,
)
COMMAND = Statement(
    "command",
    "node, request_id, command, issued_at, received_at, officer, case_ref, reason, cam, from_at, to_at, until_at, "
    "target",
    "ON CONFLICT DO NOTHING",
    2,
)
RESPONSE = Statement(
    "response",
    "node, request_id, result, command, sent_at, received_at, code, text_vi, text_en, job_id, answer",
    "ON CONFLICT DO NOTHING",
    3,
)
REFUSED = Statement(
    "refused",
    "topic, sha256, received_at, why, text_vi, text_en, bytes, excerpt",
    "ON CONFLICT (topic, sha256) DO UPDATE SET times = refused.times + 1, received_at = excluded.received_at",
    2,
)
ORDER = (
    *(NODE, BIRTH, NODE_KEY, SESSION, EVENT, EVENT_REV, EVENT_OBJECT, THUMB, HEALTH, HEALTH_CAM, GAP, FAULT, JOB),
    *(JOB_FILE, COMMAND, RESPONSE, REFUSED),
)

# What follows from messages that have no rows of their own; after all rows.
CLEAR_FAULT = """UPDATE fault SET cleared_at = %(at)s
    WHERE node = %(node)s AND code = %(code)s AND cleared_at IS NULL AND seen_at <= %(at)s"""
# Health names the open faults, so it has the last word: one that it does not name is over, and one that it names is
# open, whatever became of the messages in between. Only the newest of each code can be open.
NEWEST = """NOT EXISTS (SELECT FROM fault newer WHERE newer.node = fault.node AND newer.code = fault.code
    AND newer.since > fault.since)"""
CLOSE_FAULTS = f"""UPDATE fault SET cleared_at = %(at)s
    WHERE node = %(node)s AND cleared_at IS NULL AND seen_at < %(at)s
    AND (code <> ALL (%(open)s) OR NOT ({NEWEST}))"""  # noqa: S608
OPEN_FAULTS = f"""UPDATE fault SET cleared_at = NULL
    WHERE node = %(node)s AND cleared_at < %(at)s AND code = ANY (%(open)s) AND {NEWEST}"""  # noqa: S608
BOUND_REFUSED = "DELETE FROM refused WHERE id <= (SELECT max(id) - 10000 FROM refused)"
ALIVE = """INSERT INTO consumer (id, started_at, last_seen_at, messages, refused) VALUES (%s, now(), now(), %s, %s)
    ON CONFLICT (id) DO UPDATE SET last_seen_at = now(), messages = consumer.messages + excluded.messages,
    refused = consumer.refused + excluded.refused"""
STARTED = """INSERT INTO consumer (id, started_at, last_seen_at) VALUES (%s, now(), now())
    ON CONFLICT (id) DO UPDATE SET started_at = now(), last_seen_at = now()"""
