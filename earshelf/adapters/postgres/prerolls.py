"""Presets, schedules and what is known of servers' prerolls, in PostgreSQL."""

from typing import Generic, TypeVar

from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import PostgresSession
from earshelf.adapters.rows import prerolls as rows
from earshelf.adapters.rows.values import Row
from earshelf.domain.errors import NotFound, StaleWrite
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll

ThingT = TypeVar("ThingT")
IdT = TypeVar("IdT", bound=str)


class PostgresProgramme(Generic[ThingT, IdT]):
    """Keeps the presets, or the schedules, of one unit of work."""

    def __init__(self, session: PostgresSession, form: rows.Form[ThingT]) -> None:
        self._session = session
        self._form = form

    async def add(self, thing: ThingT) -> None:
        async with self._session.step() as step:
            await step.insert(self._form.table, self._form.row(thing), kind=self._form.name)

    async def get(self, identifier: IdT) -> ThingT:
        found = await self._session.rows(numbered(self._form.one), identifier)
        if not found:
            raise NotFound(self._form.name, identifier)
        return self._form.read(found[0])

    async def all(self) -> list[ThingT]:
        return [self._form.read(row) for row in await self._session.rows(self._form.all)]

    async def save(self, thing: ThingT) -> None:
        row = self._form.row(thing)
        await self.get(row["id"])
        async with self._session.step() as step:
            await step.rows(_upsert(self._form.table, row), *row.values())

    async def remove(self, identifier: IdT) -> None:
        await self.get(identifier)
        async with self._session.step() as step:
            await step.rows(f"DELETE FROM {self._form.table} WHERE id = $1", identifier)  # noqa: S608 - our own names


class PostgresServerPrerolls:
    """Keeps what one unit of work knows of servers' prerolls."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def of(self, server_id: ServerId) -> ServerPreroll:
        found = await self._session.rows(numbered(rows.STATE.one), server_id)
        return rows.STATE.read(found[0]) if found else rows.untouched(server_id)

    async def ids(self) -> list[ServerId]:
        return [row["id"] for row in await self._session.rows(rows.KNOWN)]

    async def save(self, preroll: ServerPreroll, *, before: ServerPreroll) -> None:
        if await self.of(preroll.server_id) != before:
            raise StaleWrite(rows.SERVER, preroll.server_id)
        await self._put(rows.STATES, rows.STATE.row(preroll))

    async def mappings(self, server_id: ServerId) -> PrerollMappings:
        found = await self._session.rows(numbered(rows.MAPPING.one), server_id)
        return rows.MAPPING.read(found[0]) if found else PrerollMappings(server_id)

    async def put_mappings(self, mappings: PrerollMappings) -> None:
        await self._put(rows.MAPPINGS, rows.MAPPING.row(mappings))

    async def forget(self, server_id: ServerId) -> None:
        async with self._session.step() as step:
            for sql in rows.FORGET:
                await step.rows(numbered(sql), server_id)

    async def _put(self, table: str, row: Row) -> None:
        async with self._session.step() as step:
            await step.rows(_upsert(table, row), *row.values())


def _upsert(table: str, row: Row) -> str:
    marks = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    return (
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) "  # noqa: S608 - our own names
        f"ON CONFLICT (id) DO UPDATE SET {changes}"
    )
