"""The whole library out of one PostgreSQL database and into another."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from earshelf.adapters.postgres.database import Connection, PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock
from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.rows.records import (
    CREDITS_BETWEEN,
    FILLED,
    RECOUNT,
    ROWS_AT_ONCE,
    SEALED,
    SOURCES,
    SPECIMENS,
    Loading,
    Sealed,
    Source,
    key_ids_of,
    records_from,
    refuse_filled,
)
from earshelf.adapters.rows.values import Row
from earshelf.domain.errors import Invalid
from earshelf.domain.records import Record
from earshelf.ports.secrets import Cipher

# one statement may count or order a million rows
_STATEMENT_SECONDS = 3600.0
_PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '30s'"
_INDEXES = """
SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY($1::text[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""
_REFERENCES = """
SELECT conname AS name, conrelid::regclass AS owner, pg_get_constraintdef(pg_constraint.oid) AS definition
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY($1::text[]) AND contype = 'f'
"""
_NEXT_NUMBER = """
SELECT setval(pg_get_serial_sequence('event_log', 'number'), number) FROM event_log ORDER BY number DESC LIMIT 1
"""


class PostgresArchive:
    """Dumps and loads on connections beside the pools."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def dump(self, cipher: Cipher) -> AsyncGenerator[Record, None]:
        async with self._transaction("REPEATABLE READ READ ONLY") as connection:
            for source in SOURCES:
                after: Any = source.before_first
                while True:
                    rows, credited = await self._page(connection, source, after)
                    for record in records_from(source.table, rows, credited, cipher):
                        yield record
                    if len(rows) < ROWS_AT_ONCE:
                        break
                    after = rows[-1][source.key]

    async def load(self, records: AsyncIterable[Record], cipher: Cipher) -> None:
        loading = Loading(cipher)
        async with self._transaction() as connection:
            with translated(self._database.place):
                again = await _begin(connection)
            async for record in records:
                loading.add(record)
                if loading.is_full:
                    await self._fill(connection, loading.taken())
            await self._fill(connection, loading.taken())
            with translated(self._database.place):
                for sql in (*RECOUNT, *again, _NEXT_NUMBER, f"ANALYZE {', '.join(FILLED)}"):
                    await connection.execute(sql, timeout=_STATEMENT_SECONDS)

    async def is_empty(self) -> bool:
        found = [await self._database.read(source.anything) for source in SOURCES]
        return not any(found)

    async def key_ids(self) -> frozenset[str]:
        return key_ids_of([row["value"] for row in await self._database.read(SPECIMENS)])

    async def reseal(self, *, old: Cipher, new: Cipher) -> int:
        async with self._transaction() as connection:
            with translated(self._database.place):
                await connection.execute(f"SELECT pg_advisory_xact_lock({Lock.PEN:d})")
                return sum([await _reseal(connection, sealed, old, new) for sealed in SEALED])

    @asynccontextmanager
    async def _transaction(self, kind: str = "READ WRITE") -> AsyncIterator[Connection]:
        connection = await self._database.connect()
        try:
            with translated(self._database.place):
                await connection.execute(f"BEGIN ISOLATION LEVEL {kind}" if "READ ONLY" in kind else "BEGIN")
                await connection.execute(_PATIENT)
            yield connection
            with translated(self._database.place):
                await connection.execute("COMMIT", timeout=_STATEMENT_SECONDS)
        finally:
            # the server undoes what was not committed
            connection.terminate()

    async def _page(self, connection: Connection, source: Source, after: Any) -> tuple[Sequence[Row], Sequence[Row]]:
        with translated(self._database.place):
            rows: list[Row] = await connection.fetch(numbered(source.page), after, ROWS_AT_ONCE)
            if source.table != "books" or not rows:
                return rows, ()
            return rows, await connection.fetch(numbered(CREDITS_BETWEEN), rows[0]["id"], rows[-1]["id"])

    async def _fill(self, connection: Connection, batch: Mapping[str, Sequence[Row]]) -> None:
        for table, rows in batch.items():
            with translated(self._database.place):
                try:
                    await connection.copy_records_to_table(
                        table, records=[tuple(row.values()) for row in rows], columns=list(rows[0])
                    )
                except (OverflowError, TypeError, ValueError) as error:
                    raise Invalid(f"The table {table} cannot hold one of the values: {type(error).__name__}") from error


async def _begin(connection: Connection) -> list[str]:
    """Takes away what would cost something for every row, and returns how it is made again."""
    await connection.execute(f"SELECT pg_advisory_xact_lock({Lock.PEN:d})")
    found = [await connection.fetchrow(source.anything) for source in SOURCES]
    refuse_filled(is_empty=not any(found))
    references = await connection.fetch(_REFERENCES, list(FILLED))
    for each in references:
        await connection.execute(f"ALTER TABLE {each['owner']} DROP CONSTRAINT {each['name']}")
    indexes = await connection.fetch(_INDEXES, list(FILLED))
    for each in indexes:
        await connection.execute(f"DROP INDEX {each['name']}")
    for table in FILLED:
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return [
        *(each["definition"] for each in indexes),
        *(f"ALTER TABLE {each['owner']} ADD CONSTRAINT {each['name']} {each['definition']}" for each in references),
        *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in FILLED),
    ]


async def _reseal(connection: Connection, sealed: Sealed, old: Cipher, new: Cipher) -> int:
    rows = await connection.fetch(sealed.all, timeout=_STATEMENT_SECONDS)
    change = f"UPDATE {sealed.table} SET {sealed.column} = $1 WHERE {sealed.key} = $2"  # noqa: S608 - our own names
    changed = sealed.resealed(rows, old=old, new=new)
    await connection.executemany(change, changed, timeout=_STATEMENT_SECONDS)
    return len(changed)
