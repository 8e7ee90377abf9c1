"""One unit's transaction on a pooled connection."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from earshelf.adapters.postgres.database import Connection, PostgresDatabase, storable
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock
from earshelf.adapters.rows.events import event_row
from earshelf.adapters.rows.values import Row
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite, StorageUnavailable
from earshelf.domain.events import Event
from earshelf.ports.events import LoggedEvent
from earshelf.ports.secrets import Cipher

_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({Lock.PEN:d})"
_GIVEN_UP = "The database gave up the transaction; nothing was written, try again"
# an event about a book that is gone has none
_LOG = """
INSERT INTO event_log (at, type, book_id, body)
VALUES ($1, $2, (SELECT id FROM books WHERE id = $3), $4) RETURNING number, book_id
"""


class Aggregate(Protocol):
    """What a unit needs of an aggregate to write down its events."""

    def drain_events(self) -> list[Event]:
        """Hands over what happened."""
        ...


class PostgresSession:
    """Holds a connection and the pen from beginning to commit or rollback, and the events that wait for the commit."""

    def __init__(self, database: PostgresDatabase, cipher: Cipher) -> None:
        self.cipher = cipher
        self._database = database
        self._entered = False
        self._connection: Connection = None
        self._pending: list[Event] = []

    async def enter(self) -> None:
        """Begins the first transaction."""
        await self._begin()
        self._entered = True

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Reads inside the transaction."""
        connection = await self._begun()
        if not all(map(storable, values)):
            return []
        with translated(self._database.place):
            found: list[Row] = await connection.fetch(sql, *values)
        return found

    @asynccontextmanager
    async def step(self) -> AsyncIterator["Step"]:
        """Several statements, of which all count or none; whatever is refused leaves the unit usable."""
        connection = await self._begun()
        with translated(self._database.place):
            await connection.execute("SAVEPOINT step")
            try:
                yield Step(connection)
            except Exception:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK TO SAVEPOINT step")
                raise
            await connection.execute("RELEASE SAVEPOINT step")

    def note(self, aggregate: Aggregate) -> None:
        """Takes an aggregate's events; they are logged with the commit."""
        self._pending += aggregate.drain_events()

    def note_fact(self, event: Event) -> None:
        """Takes a single event; it is logged with the commit."""
        self._pending.append(event)

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        """Writes the events and makes everything durable."""
        connection = await self._begun()
        try:
            with translated(self._database.place):
                logged = [await _logged(connection, event, at) for event in self._pending]
                # a transaction that failed is undone by its commit, without an error
                if await connection.execute("COMMIT") != "COMMIT":
                    raise StorageUnavailable(_GIVEN_UP)
        finally:
            await self._finish()
        return logged

    async def leave(self) -> None:
        """Undoes what was not committed."""
        self._entered = False
        await self._finish()

    async def _begun(self) -> Connection:
        if not self._entered:
            raise StorageUnavailable("The unit of work was not entered; use it with 'async with'")
        if self._connection is None:
            await self._begin()
        with translated(self._database.place):
            if not self._connection.is_in_transaction():
                raise StorageUnavailable(_GIVEN_UP)
        return self._connection

    async def _begin(self) -> None:
        connection = await self._database.take()
        try:
            with translated(self._database.place):
                await connection.execute(_BEGIN)
        except BaseException:
            await self._database.give_back(connection)
            raise
        self._connection = connection

    async def _finish(self) -> None:
        self._pending = []
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._database.give_back(connection)


async def _logged(connection: Connection, event: Event, at: datetime) -> LoggedEvent:
    row = event_row(event, at)
    stored = await connection.fetchrow(_LOG, row["at"], row["type"], row["book_id"], row["body"])
    return LoggedEvent(stored["number"], at, replace(event, book_id=stored["book_id"]))


class Step:
    """Statements on the way to one change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Runs one statement and returns its rows."""
        found: list[Row] = await self._connection.fetch(sql, *values)
        return found

    async def insert(self, table: str, row: Row, *, kind: str) -> None:
        """Inserts a new row.

        :raises AlreadyExists: another row has this id.
        """
        sql = _insertion(table, row) + " ON CONFLICT (id) DO NOTHING RETURNING id"
        if not await self.rows(sql, *row.values()):
            raise AlreadyExists(kind, row["id"])

    async def insert_all(self, table: str, rows: Iterable[Row]) -> None:
        """Inserts rows that nothing can stand in the way of."""
        for row in rows:
            await self.rows(_insertion(table, row), *row.values())

    async def replace(self, table: str, row: Row, *, kind: str) -> None:
        """Writes a row over the version before its own, if that is the one that is stored.

        :raises NotFound: it is gone. :raises StaleWrite: it has another version.
        """
        names = [name for name in row if name != "id"]
        changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 3))
        sql = f"UPDATE {table} SET {changes} WHERE id = $1 AND version = $2 RETURNING id"  # noqa: S608 - our own names
        if await self.rows(sql, row["id"], row["version"] - 1, *(row[name] for name in names)):
            return
        await self.check_version(table, row["id"], row["version"] - 1, kind=kind)

    async def check_version(self, table: str, identifier: str, version: int, *, kind: str) -> None:
        """Refuses a row that is gone or that somebody else wrote since it was read; raises like :meth:`replace`."""
        stored = await self.rows(f"SELECT version FROM {table} WHERE id = $1", identifier)  # noqa: S608 - our own names
        if not stored:
            raise NotFound(kind, identifier)
        if stored[0]["version"] != version:
            raise StaleWrite(kind, identifier)


def _insertion(table: str, row: Row) -> str:
    marks = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - our own names
