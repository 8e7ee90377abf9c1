"""The connections to one PostgreSQL database: a few for units of work, the others for queries."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeAlias

import asyncpg

from earshelf.adapters.postgres.failures import place_of, reading_address, translated
from earshelf.adapters.postgres.migrating import migrate, shipped
from earshelf.adapters.rows.migrations import Migration
from earshelf.adapters.rows.values import Row
from earshelf.domain.errors import ConfigurationError, EarshelfError, StorageUnavailable

Connection: TypeAlias = Any  # asyncpg's own, which has no types

_log = logging.getLogger(__name__)

# one unit works while the next one waits for the pen, ready to go on
_UNITS_AT_ONCE = 2
_LEAST_CONNECTIONS = _UNITS_AT_ONCE + 1
# in times of what is waited for a connection: whoever asks is answered soon, work on whole tables may last, and
# nobody stays long to take leave, because the server tidies up by itself
_ANSWER_PATIENCE, _WORK_PATIENCE, _PARTING_PATIENCE = 1.5, 3.0, 0.2
_SESSION = {
    "application_name": "earshelf",
    # compiling costs more than any question here
    "jit": "off",
    "timezone": "UTC",
    # whoever vanishes with a transaction must not hold up the others for long
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class PostgresDatabase:
    """Opens the pools and brings the database to this version when entered.

    ``connections`` are the most that this process keeps in the pools, ``seconds_to_wait`` is how long it waits for a
    connection, an answer or a lock before it gives up. ``schema`` is where the tables lie, the user's own by default.
    """

    def __init__(
        self, dsn: str, *, connections: int = 10, seconds_to_wait: float = 10.0, schema: str | None = None
    ) -> None:
        self.place = place_of(dsn)
        self._dsn = dsn
        self._schema = {} if schema is None else {"search_path": schema}
        self._readers_at_once = max(connections, _LEAST_CONNECTIONS) - _UNITS_AT_ONCE
        self._seconds_to_wait = seconds_to_wait
        self._seconds_to_part = seconds_to_wait * _PARTING_PATIENCE
        self._units: Any = None
        self._readers: Any = None

    async def __aenter__(self) -> Self:
        with translated(self.place):
            self._units = await self._pool(_UNITS_AT_ONCE)
            self._readers = await self._pool(self._readers_at_once, default_transaction_read_only="on")
        try:
            await self._refuse_other_encodings()
            await self.migrate(shipped())
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._close()

    @property
    def in_use(self) -> int:
        """How many connections somebody holds right now."""
        pools = [pool for pool in (self._units, self._readers) if pool is not None]
        return sum(pool.get_size() - pool.get_idle_size() for pool in pools)

    async def migrate(self, migrations: Sequence[Migration]) -> list[str]:
        """Applies what is missing and returns its names."""
        connection = await self.take()
        try:
            with translated(self.place):
                return await migrate(connection, migrations)
        finally:
            await self.give_back(connection)

    async def read(self, sql: str, *values: Any) -> list[Row]:
        """Asks one question; a single statement is one look at the database."""
        if not all(map(storable, values)):
            return []
        async with self._reader() as connection:
            with translated(self.place):
                rows: list[Row] = await connection.fetch(sql, *values)
        return rows

    async def take(self) -> Connection:
        """Takes a connection for a unit of work; whoever takes it gives it back."""
        return await self._taken(self._units)

    async def give_back(self, connection: Connection) -> None:
        """Undoes what was not committed, and lets the next one have the connection."""
        try:
            await self._undo(connection)
        finally:
            await self._release(self._units, connection)

    async def _undo(self, connection: Connection) -> None:
        try:
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK", timeout=self._seconds_to_part)
        except BaseException as problem:
            # the server undoes by itself whatever a lost connection leaves behind
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
            if not isinstance(problem, Exception):
                raise
            _log.debug("A transaction was left to the server: %s", type(problem).__name__)

    def within(self, schema: str) -> "PostgresDatabase":
        """Returns the same database, not yet open, as it looks from another of its schemas."""
        return PostgresDatabase(self._dsn, seconds_to_wait=self._seconds_to_wait, schema=schema)

    async def connect(self) -> Connection:
        """Opens a connection beside the pools; whoever opens it closes it."""
        with translated(self.place), reading_address(self.place):
            return await asyncpg.connect(self._dsn, **self._options(_WORK_PATIENCE))

    async def _pool(self, most: int, **session: str) -> Any:
        # no connection is kept that nobody needs: the server may be away while nobody asks
        return await asyncpg.create_pool(
            self._dsn, min_size=0, max_size=most, reset=_leave_as_it_is, **self._options(_ANSWER_PATIENCE, **session)
        )

    def _options(self, patience: float, **session: str) -> dict[str, Any]:
        lock_timeout = {"lock_timeout": f"{int(self._seconds_to_wait * 1000)}ms"}
        return {
            "timeout": self._seconds_to_wait,
            # longer than any lock, so that the server's own answer comes first
            "command_timeout": self._seconds_to_wait * patience,
            "server_settings": _SESSION | lock_timeout | self._schema | session,
        }

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[Connection]:
        connection = await self._taken(self._readers)
        try:
            yield connection
        finally:
            await self._release(self._readers, connection)

    async def _taken(self, pool: Any) -> Connection:
        if pool is None:
            raise StorageUnavailable(f"The database at '{self.place}' is not open")
        with translated(self.place), reading_address(self.place):
            return await pool.acquire(timeout=self._seconds_to_wait)

    async def _release(self, pool: Any, connection: Connection) -> None:
        # a connection that breaks now has done its work, and the pool makes another
        with suppress(EarshelfError), translated(self.place):
            await pool.release(connection, timeout=self._seconds_to_part)

    async def _refuse_other_encodings(self) -> None:
        ((encoding,),) = await self.read("SHOW server_encoding")
        if encoding != "UTF8":
            raise ConfigurationError(
                f"The database at '{self.place}' is encoded in {encoding}; create one with ENCODING 'UTF8'"
            )

    async def _close(self) -> None:
        pools, self._units, self._readers = (self._readers, self._units), None, None
        for pool in pools:
            if pool is not None:
                await self._closed(pool)

    async def _closed(self, pool: Any) -> None:
        try:
            async with asyncio.timeout(self._seconds_to_part):
                await pool.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()


async def _leave_as_it_is(_: Connection) -> None:
    """Nobody here changes a session, so that there is nothing to ask the server to reset."""


def storable(value: Any) -> bool:
    """Whether PostgreSQL can hold, and therefore find, a text."""
    return not (isinstance(value, str) and "\0" in value)
