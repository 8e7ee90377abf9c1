"""Presets, schedules and what is known of servers' prerolls, in SQLite."""

from functools import partial
from typing import Generic, TypeVar

from earshelf.adapters.rows import prerolls as rows
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, insert, spelled
from earshelf.domain.errors import NotFound, StaleWrite
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll

ThingT = TypeVar("ThingT")
IdT = TypeVar("IdT", bound=str)


class SqliteProgramme(Generic[ThingT, IdT]):
    """Keeps the presets, or the schedules, of one unit of work."""

    def __init__(self, session: SqliteSession, form: rows.Form[ThingT]) -> None:
        self._session = session
        self._form = form

    async def add(self, thing: ThingT) -> None:
        row = self._form.row(thing)
        await self._session.run(lambda database: insert(database, self._form.table, row, kind=self._form.name))

    async def get(self, identifier: IdT) -> ThingT:
        found = await self._session.run(partial(_one, sql=self._form.one, row_id=identifier))
        if found is None:
            raise NotFound(self._form.name, identifier)
        return self._form.read(found)

    async def all(self) -> list[ThingT]:
        found = await self._session.run(lambda database: database.execute(self._form.all).fetchall())
        return [self._form.read(row) for row in found]

    async def save(self, thing: ThingT) -> None:
        row = self._form.row(thing)
        await self.get(row["id"])
        await self._session.run(lambda database: database.table(self._form.table).update(row["id"], spelled(row)))

    async def remove(self, identifier: IdT) -> None:
        await self.get(identifier)
        await self._session.run(lambda database: database.table(self._form.table).delete(identifier))


class SqliteServerPrerolls:
    """Keeps what one unit of work knows of servers' prerolls."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def of(self, server_id: ServerId) -> ServerPreroll:
        found = await self._session.run(partial(_one, sql=rows.STATE.one, row_id=server_id))
        return rows.STATE.read(found) if found else rows.untouched(server_id)

    async def ids(self) -> list[ServerId]:
        found = await self._session.run(lambda database: database.execute(rows.KNOWN).fetchall())
        return [row["id"] for row in found]

    async def save(self, preroll: ServerPreroll, *, before: ServerPreroll) -> None:
        if await self.of(preroll.server_id) != before:
            raise StaleWrite(rows.SERVER, preroll.server_id)
        await self._session.run(partial(_put, table=rows.STATES, row=rows.STATE.row(preroll)))

    async def mappings(self, server_id: ServerId) -> PrerollMappings:
        found = await self._session.run(partial(_one, sql=rows.MAPPING.one, row_id=server_id))
        return rows.MAPPING.read(found) if found else PrerollMappings(server_id)

    async def put_mappings(self, mappings: PrerollMappings) -> None:
        await self._session.run(partial(_put, table=rows.MAPPINGS, row=rows.MAPPING.row(mappings)))

    async def forget(self, server_id: ServerId) -> None:
        for sql in rows.FORGET:
            await self._session.run(partial(_change, sql=sql, row_id=server_id))


def _one(database: Database, sql: str, row_id: str) -> Row | None:
    row: Row | None = database.execute(sql, (row_id,)).fetchone()
    return row


def _put(database: Database, table: str, row: Row) -> None:
    database.table(table).upsert(dict(row), pk="id")


def _change(database: Database, sql: str, row_id: str) -> None:
    database.execute(sql, (row_id,))
