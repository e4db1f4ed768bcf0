"""The four questions: what is asked of the database, and the answers as rows of named values."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import dict_row

Answer = list[dict[str, object]]
SILENT = """SELECT node, label, why, since, last_health_at, interval_s, fault, fault_{language} AS fault_text,
    remedy_{language} AS remedy FROM silent WHERE %(node)s::text IS NULL OR node = %(node)s ORDER BY since, node"""
RECORDED = """SELECT * FROM recorded(%(since)s, %(zone)s)
    WHERE (missing_s > %(within)s * expected_s AND missing_s >= 1 OR down_s >= 1)
      AND (%(node)s::text IS NULL OR node = %(node)s) ORDER BY day, node, cam"""
CLIP = """SELECT * FROM event_clip WHERE id = %(event)s AND (%(node)s::text IS NULL OR node = %(node)s)"""
ASKED = """SELECT at, node, officer, case_ref, reason, command, cam, from_at, to_at, result, code,
    text_{language} AS text, files, request_id FROM asked
    WHERE at >= %(since)s AND (%(node)s::text IS NULL OR node = %(node)s) ORDER BY at, request_id"""
# A consumer that is away hears nobody: then silence tells nothing of the nodes.
DEAF = "SELECT max(last_seen_at) FROM consumer HAVING max(last_seen_at) < now() - interval '3 minutes'"


@dataclass(frozen=True, slots=True)
class Question:
    """`about` is silent, recorded, clip or asked. `within`: the share of a day's footage that may be missing."""

    about: str
    since: datetime
    node: str | None = None
    event: str | None = None
    zone: str = "Asia/Ho_Chi_Minh"
    within: float = 0.001
    language: str = "vi"


def ask(connection: psycopg.Connection, question: Question) -> Answer:
    """Rows, oldest first; times are aware. Raises psycopg.Error."""
    sql = {"silent": SILENT, "recorded": RECORDED, "clip": CLIP, "asked": ASKED}[question.about]
    language = "vi" if question.language == "vi" else "en"
    values = {
        "node": question.node,
        "since": question.since,
        "event": question.event,
        "zone": question.zone,
        "within": question.within,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.replace("{language}", language).encode(), values).fetchall()


def deaf_since(connection: psycopg.Connection) -> datetime | None:
    """When the last consumer was heard of, if that is too long ago. Raises psycopg.Error."""
    row = connection.execute(DEAF).fetchone()
    return row[0] if row else None
