"""The whole library out of one SQLite file and into another."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from earshelf.adapters.rows.records import (
    CREDITS_BETWEEN,
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
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import as_text
from earshelf.domain.errors import Conflict, StorageUnavailable
from earshelf.domain.records import Record
from earshelf.ports.secrets import Cipher

_DERIVED = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
# room for the keys of a million rows, which come in no order; given back afterwards
_LARGE_CACHE = "PRAGMA cache_size = -262144"
_USUAL_CACHE = "PRAGMA cache_size = -2000"
# one look at the end costs less than one for every row
_REFERENCES_LATER = "PRAGMA foreign_keys = OFF"
_REFERENCES_AT_ONCE = "PRAGMA foreign_keys = ON"
# a book and its credits share their time
_text = lru_cache(64)(as_text)


class SqliteArchive:
    """Dumps from a connection of its own, loads on the writing one."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def dump(self, cipher: Cipher) -> AsyncGenerator[Record, None]:
        async with self._database.snapshot() as look:
            for source in SOURCES:
                after: Any = source.before_first
                while True:
                    rows, credited = await look.run(partial(_page, source=source, after=after))
                    for record in records_from(source.table, rows, credited, cipher):
                        yield record
                    if len(rows) < ROWS_AT_ONCE:
                        break
                    after = rows[-1][source.key]

    async def load(self, records: AsyncIterable[Record], cipher: Cipher) -> None:
        loading = Loading(cipher)
        async with self._database.pen:
            try:
                derived = await self._database.write(_begin)
                async for record in records:
                    loading.add(record)
                    if loading.is_full:
                        rows = loading.taken()
                        await self._database.write(partial(_fill, batch=rows))
                rest = loading.taken()
                await self._database.write(lambda database: _fill(database, rest))
                await self._database.write(lambda database: _finish(database, derived))
            finally:
                await self._end()

    async def is_empty(self) -> bool:
        return await self._database.read(_is_empty)

    async def key_ids(self) -> frozenset[str]:
        rows = await self._database.read(lambda database: database.execute(SPECIMENS).fetchall())
        return key_ids_of([row["value"] for row in rows])

    async def reseal(self, *, old: Cipher, new: Cipher) -> int:
        async with self._database.pen:
            try:
                return await self._database.write(lambda database: _reseal(database, old, new))
            finally:
                await self._end()

    async def _end(self) -> None:
        """Undoes what was not committed; a connection that is gone has nothing to undo."""
        with suppress(StorageUnavailable):
            await self._database.write(_clear)


def _page(database: Database, source: Source, after: str | int) -> tuple[Sequence[Row], Sequence[Row]]:
    rows = database.execute(source.page, (after, ROWS_AT_ONCE)).fetchall()
    if source.table != "books" or not rows:
        return rows, ()
    return rows, database.execute(CREDITS_BETWEEN, (rows[0]["id"], rows[-1]["id"])).fetchall()


def _is_empty(database: Database) -> bool:
    return not any(database.execute(source.anything).fetchone() for source in SOURCES)


def _begin(database: Database) -> list[str]:
    """Takes away what would cost something for every row, and returns how it is made again."""
    for pragma in (_LARGE_CACHE, _REFERENCES_LATER):
        database.execute(pragma)
    database.execute("BEGIN IMMEDIATE")
    refuse_filled(is_empty=_is_empty(database))
    derived = [tuple(row) for row in database.execute(_DERIVED).fetchall()]
    for kind, name, _ in derived:
        database.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in derived]


def _fill(database: Database, batch: Mapping[str, Sequence[Row]]) -> None:
    for table, rows in batch.items():
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
        database.conn.executemany(sql, [_spelled(row) for row in rows])


def _spelled(row: Row) -> list[Any]:
    return [_text(value) if type(value) is datetime else value for value in row.values()]


def _finish(database: Database, derived: Sequence[str]) -> None:
    for sql in (*RECOUNT, *derived):
        database.execute(sql)
    if database.execute("PRAGMA foreign_key_check").fetchone():
        raise Conflict("A record to load points at one that is not there")
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _reseal(database: Database, old: Cipher, new: Cipher) -> int:
    database.execute("BEGIN IMMEDIATE")
    count = sum(_reseal_table(database, sealed, old, new) for sealed in SEALED)
    database.execute("COMMIT")
    return count


def _reseal_table(database: Database, sealed: Sealed, old: Cipher, new: Cipher) -> int:
    rows = sealed.resealed(database.execute(sealed.all), old=old, new=new)
    change = f"UPDATE {sealed.table} SET {sealed.column} = ? WHERE {sealed.key} = ?"  # noqa: S608 - our own names
    database.conn.executemany(change, rows)
    return len(rows)


def _clear(database: Database) -> None:
    database.rollback()
    for pragma in (_USUAL_CACHE, _REFERENCES_AT_ONCE):
        database.execute(pragma)
