"""Brings a database to the newest form: the numbered files of `schema/` in order, in one transaction each."""

from pathlib import Path

import psycopg

from .words import ConsumerError, Words

SCHEMA = Path(__file__).parent / "schema"
VERSIONS = """CREATE TABLE IF NOT EXISTS schema_version (
    version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"""
LOCK = 7_265_001  # any number, the same in all consumers: two that start together take turns


def migrate(connection: psycopg.Connection, schema: Path = SCHEMA) -> tuple[str, ...]:
    """The names of the files that were applied now. Raises ConsumerError, psycopg.Error."""
    files = {int(path.name.partition("_")[0]): path for path in sorted(schema.glob("[0-9]*.sql"))}
    applied = []
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        connection.execute(VERSIONS)
        there = {int(row[0]) for row in connection.execute("SELECT version FROM schema_version")}
        if newer := there - set(files):
            raise _too_new(max(newer))
        for version, path in sorted(files.items()):
            if version not in there:
                with connection.transaction():
                    connection.execute(path.read_bytes())
                    connection.execute("INSERT INTO schema_version VALUES (%s, %s)", (version, path.name))
                applied.append(path.name)
        with connection.transaction():
            connection.execute("SELECT make_hypertables()")
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
    return tuple(applied)


def _too_new(version: int) -> ConsumerError:
    return ConsumerError(
        Words(
            en=f"the database has version {version} of the tables: use a newer consumer",
            vi=f"cơ sở dữ liệu đã ở phiên bản {version}: hãy dùng bản consumer mới hơn",
        )
    )
