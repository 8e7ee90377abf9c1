"""The rules that end streams, and the vigil, in SQLite."""

from functools import partial
from typing import Any

from earshelf.adapters.rows import watching as rows
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, insert, replace_row, spelled
from earshelf.domain.blackouts import Blackout
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.stops import Vigil


class SqliteWatch:
    """Keeps the rules that there is one of, and the vigil, of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def maintenance(self) -> Maintenance:
        row = await self._session.run(partial(_one, sql=rows.ONE_MAINTENANCE))
        return rows.maintenance_from(row) if row else Maintenance()

    async def put_maintenance(self, maintenance: Maintenance) -> None:
        row = rows.maintenance_row(maintenance)
        await self._session.run(partial(_put, table="maintenance", emptying=rows.NO_MAINTENANCE, row=row))

    async def transcode_rule(self) -> TranscodeRule:
        row = await self._session.run(partial(_one, sql=rows.ONE_TRANSCODE_RULE))
        return rows.transcode_rule_from(row) if row else TranscodeRule()

    async def put_transcode_rule(self, rule: TranscodeRule) -> None:
        row = rows.transcode_rule_row(rule)
        await self._session.run(partial(_put, table="transcode_rules", emptying=rows.NO_TRANSCODE_RULE, row=row))

    async def vigil(self) -> Vigil:
        return rows.vigil_from(await self._session.run(partial(_one, sql=rows.ONE_VIGIL)))

    async def put_vigil(self, vigil: Vigil) -> None:
        row = rows.vigil_row(vigil)
        await self._session.run(partial(_put, table="vigils", emptying=rows.NO_VIGIL, row=row))


class SqliteBlackouts:
    """Keeps the blackouts of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, blackout: Blackout) -> None:
        await self._session.run(partial(_add, row=rows.blackout_row(blackout)))

    async def get(self, blackout_id: BlackoutId) -> Blackout:
        found = await self._session.run(partial(_one, sql=rows.ONE_BLACKOUT, values=(blackout_id,)))
        if found is None:
            raise NotFound(rows.BLACKOUT, blackout_id)
        return rows.blackout_from(found)

    async def all(self) -> list[Blackout]:
        found = await self._session.run(lambda database: database.execute(rows.ALL_BLACKOUTS).fetchall())
        return [rows.blackout_from(row) for row in found]

    async def save(self, blackout: Blackout) -> None:
        await self.get(blackout.id)
        await self._session.run(lambda database: replace_row(database, "blackouts", rows.blackout_row(blackout)))

    async def remove(self, blackout_id: BlackoutId) -> None:
        await self.get(blackout_id)
        await self._session.run(lambda database: database.table("blackouts").delete(blackout_id))


def _one(database: Database, sql: str, values: tuple[str, ...] = ()) -> Row | None:
    row: Row | None = database.execute(sql, values).fetchone()
    return row


def _put(database: Database, table: str, emptying: str, row: dict[str, Any]) -> None:
    database.execute(emptying)
    database.table(table).insert(spelled(row))


def _add(database: Database, row: dict[str, Any]) -> None:
    (age,) = database.execute(rows.NEXT_AGE).fetchone()
    insert(database, "blackouts", {**row, "age": age}, kind=rows.BLACKOUT)
