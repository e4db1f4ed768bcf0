"""A real PostgreSQL for the session, and a database of its own for each test."""

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import count
from typing import Any

import psycopg
import pytest

from deploy.ward import WardError, database
from deploy.ward.consumer.migrate import migrate
from deploy.ward.consumer.options import Database
from deploy.ward.consumer.parse import read
from deploy.ward.consumer.store import Entry, Store
from deploy.ward.consumer.topics import Place
from deploy.ward.database import RunningDatabase
from deploy.ward.ward import default_cache
from tests.ward.consumer.saying import Said

PLACE = Place("camera", "test")
NUMBERS = count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[RunningDatabase]:
    """PostgreSQL. Tests leave it running. They kill processes, never the machine: nothing waits for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SETTINGS", (*database.SETTINGS, "fsync=off"))
        yield from _cluster()


def _cluster() -> Iterator[RunningDatabase]:
    try:
        running = RunningDatabase.start_new(default_cache())
    except WardError as error:
        pytest.skip(str(error))
    with running:
        with psycopg.connect(running.conninfo, autocommit=True) as connection:
            connection.execute("CREATE DATABASE model")
        with psycopg.connect(running.conninfo, dbname="model", autocommit=True) as connection:
            migrate(connection)
        yield running


@pytest.fixture
def conninfo(cluster: RunningDatabase) -> str:
    """An empty database with the newest tables."""
    name = f"test{next(NUMBERS)}"
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE model".encode())
    return cluster.conninfo.replace("dbname=postgres", f"dbname={name}")


@pytest.fixture
def table(conninfo: str) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Asks the test's database."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql.encode()).fetchall()


class Keeping:
    """Messages through parser and store as the consumer does, one batch for each call."""

    def __init__(self, conninfo: str) -> None:
        self.store = Store(Database(conninfo), "test", "test")

    def __call__(self, *said: Said, at: datetime | None = None, retained: bool = False) -> None:
        entries = []
        for topic, payload in said:
            now = at or datetime.now(timezone.utc)
            message = read(PLACE, topic, payload, now, retained)
            assert message is not None
            entries.append(Entry(message, topic, payload, now))
        self.store.write(entries)


@pytest.fixture
def keep(conninfo: str) -> Iterator[Keeping]:
    keeping = Keeping(conninfo)
    yield keeping
    keeping.store.close()
