"""New tables that are put together in a schema of their own and take the place of the library's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from earshelf.adapters.postgres.archive import PostgresArchive
from earshelf.adapters.postgres.database import Connection, PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock

_MADE = "earshelf_restoring"
_KEPT = "earshelf_before_restore"
_STATEMENT_SECONDS = 3600.0

_TABLES = "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = $1"
_FUNCTIONS = "SELECT oid::regprocedure::text AS name, proname FROM pg_proc WHERE pronamespace = $1::regnamespace"


class PostgresSuccessor:
    """Open tables beside the library's."""

    def __init__(self, place: PostgresDatabase, made: PostgresDatabase, opened: AsyncExitStack) -> None:
        self.archive = PostgresArchive(made)
        self._place = place
        self._opened = opened

    async def take_over(self) -> str | None:
        await self._opened.aclose()
        async with _connected(self._place) as connection, connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({Lock.PEN:d})")
            return await _swap(connection)


class PostgresSuccession:
    """Makes the schema ``earshelf_restoring`` and keeps ``earshelf_before_restore``."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._place = database

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[PostgresSuccessor]:
        await self._clear(f"CREATE SCHEMA {_MADE}")
        made = self._place.within(_MADE)
        try:
            async with AsyncExitStack() as opened:
                await opened.enter_async_context(made)
                yield PostgresSuccessor(self._place, made, opened)
        finally:
            await self._clear()

    async def _clear(self, *then: str) -> None:
        async with _connected(self._place) as connection:
            await connection.execute("SET client_min_messages = warning")
            for sql in (f"DROP SCHEMA IF EXISTS {_MADE} CASCADE", *then):
                await connection.execute(sql, timeout=_STATEMENT_SECONDS)


async def _swap(connection: Connection) -> str | None:
    """Moves the tables of the library away and the new ones in; functions go with them."""
    home = await connection.fetchval("SELECT current_schema()")
    tables = [row["name"] for row in await connection.fetch(_TABLES, _MADE)]
    functions = await connection.fetch(_FUNCTIONS, _MADE)
    replaced = await connection.fetchval("SELECT to_regclass(quote_ident($1) || '.migrations') IS NOT NULL", home)
    await connection.execute("SET LOCAL client_min_messages = warning")
    if replaced:
        await connection.execute(f"DROP SCHEMA IF EXISTS {_KEPT} CASCADE")
        await connection.execute(f"CREATE SCHEMA {_KEPT}")
        await _move(connection, home, _KEPT, [row["proname"] for row in functions])
    for table in tables:
        await connection.execute(f'ALTER TABLE {_MADE}.{table} SET SCHEMA "{home}"')
    for row in functions:
        await connection.execute(f'ALTER FUNCTION {row["name"]} SET SCHEMA "{home}"')
    return f"the schema {_KEPT}" if replaced else None


async def _move(connection: Connection, home: str, kept: str, functions: list[str]) -> None:
    """Moves what has the names of the new ones, whatever else lives in the same schema."""
    made = {row["name"] for row in await connection.fetch(_TABLES, _MADE)}
    for row in await connection.fetch(_TABLES, home):
        if row["name"] in made:
            await connection.execute(f'ALTER TABLE "{home}".{row["name"]} SET SCHEMA {kept}')
    for row in await connection.fetch(_FUNCTIONS, home):
        if row["proname"] in functions:
            await connection.execute(f"ALTER FUNCTION {row['name']} SET SCHEMA {kept}")


@asynccontextmanager
async def _connected(database: PostgresDatabase) -> AsyncIterator[Connection]:
    connection = await database.connect()
    try:
        with translated(database.place):
            yield connection
    finally:
        connection.terminate()
