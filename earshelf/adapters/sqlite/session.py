"""One unit's transaction on the writing connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from earshelf.adapters.rows.events import event_row
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database, NotFoundError
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite, StorageUnavailable
from earshelf.domain.events import Event
from earshelf.ports.events import LoggedEvent
from earshelf.ports.secrets import Cipher

ResultT = TypeVar("ResultT")


class Aggregate(Protocol):
    """What a unit needs of an aggregate to write down its events."""

    def drain_events(self) -> list[Event]:
        """Hands over what happened."""
        ...


class SqliteSession:
    """Holds the pen from the first statement to commit or rollback, and the events that wait for the commit."""

    def __init__(self, database: SqliteDatabase, cipher: Cipher) -> None:
        self.cipher = cipher
        self._database = database
        self._entered = False
        self._begun = False
        self._pending: list[Event] = []

    async def enter(self) -> None:
        """Begins the first transaction."""
        await self._begin()
        self._entered = True

    async def run(self, work: Callable[[Database], ResultT]) -> ResultT:
        """Runs work inside the transaction; after a commit a new one begins."""
        if not self._entered:
            raise StorageUnavailable("The unit of work was not entered; use it with 'async with'")
        if not self._begun:
            await self._begin()
        return await self._database.write(lambda database: _inside(database, work))

    def note(self, aggregate: Aggregate) -> None:
        """Takes an aggregate's events; they are logged with the commit."""
        self._pending += aggregate.drain_events()

    def note_fact(self, event: Event) -> None:
        """Takes a single event; it is logged with the commit."""
        self._pending.append(event)

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        """Writes the events and makes everything durable."""
        events = self._pending
        try:
            return await self.run(lambda database: _commit(database, events, at))
        finally:
            self._finish()

    async def leave(self) -> None:
        """Undoes what was not committed."""
        self._entered = False
        if self._begun:
            try:
                await self._database.write(Database.rollback)
            finally:
                self._finish()

    async def _begin(self) -> None:
        await self._database.pen.acquire()
        try:
            await self._database.write(lambda database: database.conn.execute("BEGIN IMMEDIATE"))
        except BaseException:
            await self._take_back_begin()
            raise
        self._begun = True

    async def _take_back_begin(self) -> None:
        """Somebody cancelled us: the transaction may have begun all the same."""
        try:
            await self._database.write(Database.rollback)
        finally:
            self._database.pen.release()

    def _finish(self) -> None:
        if self._begun:
            self._begun = False
            self._pending = []
            self._database.pen.release()


def _inside(database: Database, work: Callable[[Database], ResultT]) -> ResultT:
    # a full disk makes SQLite undo everything by itself: what came after would be written piece by piece
    if not database.conn.in_transaction:
        raise StorageUnavailable("The database gave up the transaction; nothing was written, try again")
    return work(database)


def _commit(database: Database, events: Sequence[Event], at: datetime) -> list[LoggedEvent]:
    try:
        logged = [_logged(database, event, at) for event in events]
        database.conn.execute("COMMIT")
    except BaseException:
        database.rollback()
        raise
    return logged


def _logged(database: Database, event: Event, at: datetime) -> LoggedEvent:
    known = database.execute("SELECT 1 FROM books WHERE id = ?", (event.book_id,)).fetchone()
    event = event if known else replace(event, book_id=None)
    number = database.table("event_log").insert(spelled(event_row(event, at))).last_rowid
    assert number is not None
    return LoggedEvent(number, at, event)


def spelled(row: Mapping[str, Any]) -> dict[str, Any]:
    """Spells times as text of one length, so that they sort, and leaves the rest to SQLite."""
    return {name: as_text(value) if isinstance(value, datetime) else value for name, value in row.items()}


def as_text(moment: datetime) -> str:
    """Spells a moment in UTC to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def insert(database: Database, table: str, row: Row, *, kind: str) -> None:
    """Inserts a new row.

    :raises AlreadyExists: another row has this id.
    """
    if database.execute(f"SELECT 1 FROM {table} WHERE id = ?", (row["id"],)).fetchone():  # noqa: S608 - our own names
        raise AlreadyExists(kind, row["id"])
    database.table(table).insert(spelled(row))


def replace_row(database: Database, table: str, row: Row) -> None:
    """Writes a row over the version before its own; nobody else can write in between, the unit holds the pen."""
    database.table(table).update(row["id"], spelled(row))


def check_version(database: Database, table: str, identifier: str, version: int, *, kind: str) -> None:
    """Refuses a row that is gone or that somebody else wrote since it was read.

    :raises NotFound: it is gone.
    :raises StaleWrite: it has another version.
    """
    try:
        stored = database.table(table).get(identifier)
    except NotFoundError:
        raise NotFound(kind, identifier) from None
    if stored["version"] != version:
        raise StaleWrite(kind, identifier)
