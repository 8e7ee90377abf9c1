"""The SQLite file: one connection that writes, a few that read, each on a thread of its own."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from earshelf.adapters.rows.migrations import Migration
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.migrating import migrate, shipped
from earshelf.adapters.sqlite.threads import ConnectionThread
from earshelf.domain.errors import StorageUnavailable

ResultT = TypeVar("ResultT")

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # pages: 32 MB of the log are copied back at once, as writing many items changes the same pages again and again
    "PRAGMA wal_autocheckpoint = 8000",
    # the log reaches the disk with every commit: what was acknowledged survives a power cut too
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_READER_PRAGMAS = ("PRAGMA query_only = ON", "PRAGMA cache_size = -16000")


class SqliteDatabase:
    """Opens the file and brings it to this version when entered.

    ``seconds_to_wait`` is how long a statement waits for another process before it gives up.
    """

    def __init__(self, path: Path, *, readers: int = 2, seconds_to_wait: float = 10.0) -> None:
        self.path = path
        self.pen = asyncio.Lock()
        self._seconds_to_wait = seconds_to_wait
        self._writer = ConnectionThread("library-writer", path, self._connect_writer)
        self._readers = [
            ConnectionThread(f"library-reader-{number}", path, self._connect_reader) for number in range(readers)
        ]
        self._idle: asyncio.LifoQueue[ConnectionThread] = asyncio.LifoQueue()
        self._open = False

    async def __aenter__(self) -> Self:
        try:
            await self._writer.open()
            await self.migrate(shipped())
            for reader in self._readers:
                await reader.open()
                self._idle.put_nowait(reader)
        except BaseException:
            await self._close()
            raise
        self._open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        for _ in self._readers:
            await self._idle.get()
        await self._close()

    async def migrate(self, migrations: list[Migration]) -> list[str]:
        """Applies what is missing and returns its names."""
        return await self._writer.run(lambda database: migrate(database, migrations))

    async def write(self, work: Callable[[Database], ResultT]) -> ResultT:
        """Runs work on the writing connection; whoever calls holds the pen."""
        return await self._writer.run(work)

    async def read(self, work: Callable[[Database], ResultT]) -> ResultT:
        """Runs work on a connection that only reads, within one look at the database."""
        if not self._open:
            raise StorageUnavailable(f"The database '{self.path}' is not open")
        reader = await self._idle.get()
        try:
            return await reader.run(lambda database: _within_one_look(database, work))
        finally:
            self._idle.put_nowait(reader)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[ConnectionThread]:
        """Lends a connection that sees one moment of the database, however long it looks."""
        look = ConnectionThread("library-snapshot", self.path, self._connect_reader)
        try:
            await look.open()
            # the moment is that of the first reading, not of BEGIN
            await look.run(_begin_look)
            yield look
        finally:
            await look.close()

    async def _close(self) -> None:
        for thread in [*self._readers, self._writer]:
            await thread.close()

    def _connect_writer(self) -> Database:
        _create_private(self.path)
        return self._connect(str(self.path), _WRITER_PRAGMAS)

    def _connect_reader(self) -> Database:
        return self._connect(f"{self.path.absolute().as_uri()}?mode=ro", _READER_PRAGMAS)

    def _connect(self, address: str, pragmas: tuple[str, ...]) -> Database:
        is_uri = address.startswith("file:")
        connection = sqlite3.connect(address, timeout=self._seconds_to_wait, isolation_level=None, uri=is_uri)
        try:
            for pragma in pragmas:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return Database(connection, recursive_triggers=False, execute_plugins=False)


def _create_private(path: Path) -> None:
    """Makes the file for its owner's eyes only; SQLite's own would follow the umask."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"The database '{path}' cannot be opened: {error.strerror}") from error


def _within_one_look(database: Database, work: Callable[[Database], ResultT]) -> ResultT:
    database.conn.execute("BEGIN")
    try:
        return work(database)
    finally:
        database.rollback()


def _begin_look(database: Database) -> None:
    database.execute("BEGIN")
    database.execute("SELECT 1 FROM counts").fetchone()
