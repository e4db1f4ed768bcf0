"""Writes batches of messages into PostgreSQL, each in one transaction. One for one consumer; not for two threads.

`write` comes back when the batch is committed: only then may the broker forget its messages. When the database does not
work at present it raises NotNow, and the same batch may be written again: nothing is stored twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from . import statements
from .options import Database
from .parse import refused
from .rows import rows_of
from .values import FaultCleared, Health, Message, Refused
from .words import NotNow, Refusal, Words

# Classes of SQLSTATE that blame the values: data exception, integrity, program limit. All else may work later.
OF_THE_VALUES = ("22", "23", "54")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, and how it came: of that something is kept should the database not take its values."""

    message: Message
    topic: str
    payload: bytes
    at: datetime

    def instead(self, words: Words) -> Refused:
        """What is kept then."""
        return refused(self.topic, self.payload, self.at, Refusal("database", words))


class Store:
    """Connects at the first write, and anew after each NotNow."""

    def __init__(self, database: Database, consumer: str, ward: str) -> None:
        self._database = database
        self._consumer = consumer
        self._ward = ward
        self._connection: psycopg.Connection | None = None

    def write(self, batch: Sequence[Entry]) -> int:
        """How many of them were refused. Raises NotNow."""
        try:
            connection = self._connected()
            try:
                return self._write(connection, [entry.message for entry in batch])
            except psycopg.Error as error:
                if not _blames_values(error):
                    raise
            return self._one_by_one(connection, batch)
        except psycopg.Error as error:
            self.close()
            raise not_now(error) from error

    def alive(self) -> None:
        """Nothing to write, but somebody is there. Raises NotNow."""
        self.write(())

    def close(self) -> None:
        """May be called again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._database.connect()
            with self._connection.transaction():
                self._connection.execute(statements.STARTED, (self._consumer,))
        return self._connection

    def _one_by_one(self, connection: psycopg.Connection, batch: Sequence[Entry]) -> int:
        refused = 0
        for entry in batch:
            try:
                refused += self._write(connection, [entry.message])
            except psycopg.Error as error:
                if not _blames_values(error):
                    raise
                text = error.diag.message_primary or "?"
                why = Words(en=f"the database does not take it: {text}", vi=f"cơ sở dữ liệu không nhận: {text}")
                refused += self._write(connection, [entry.instead(why)])
        return refused

    def _write(self, connection: psycopg.Connection, messages: Sequence[Message]) -> int:
        rows = rows_of(messages, self._ward)
        refused = sum(isinstance(message, Refused) for message in messages)
        with connection.transaction(), connection.cursor() as cursor:
            for statement in statements.ORDER:
                if statement in rows:
                    cursor.executemany(statement.sql(), rows[statement])
            for message in messages:
                if isinstance(message, FaultCleared):
                    about = {"node": message.node, "code": message.code, "at": message.received_at}
                    cursor.execute(statements.CLEAR_FAULT, about)
            for health in _newest(messages):
                told = {"node": health.sender.node, "at": health.sender.seen_at, "open": list(health.faults)}
                cursor.execute(statements.CLOSE_FAULTS, told)
                cursor.execute(statements.OPEN_FAULTS, told)
            if refused:
                cursor.execute(statements.BOUND_REFUSED)
            cursor.execute(statements.ALIVE, (self._consumer, len(messages), refused))
        return refused


def not_now(error: psycopg.Error) -> NotNow:
    """In words; what libpq says names the server and never the password."""
    said = " ".join(str(error).split())[:300]
    return NotNow(Words(en=f"the database does not work: {said}", vi=f"cơ sở dữ liệu không hoạt động: {said}"))


def _newest(messages: Iterable[Message]) -> list[Health]:
    newest: dict[str, Health] = {}
    for message in messages:
        if isinstance(message, Health):
            before = newest.get(message.sender.node)
            if before is None or before.sender.seen_at <= message.sender.seen_at:
                newest[message.sender.node] = message
    return [newest[node] for node in sorted(newest)]


def _blames_values(error: psycopg.Error) -> bool:
    return isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith(OF_THE_VALUES)
