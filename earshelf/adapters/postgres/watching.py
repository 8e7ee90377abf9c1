"""The rules that end streams, and the vigil, in PostgreSQL."""

from typing import Any

from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import PostgresSession
from earshelf.adapters.rows import watching as rows
from earshelf.domain.blackouts import Blackout
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.stops import Vigil


class PostgresWatch:
    """Keeps the rules that there is one of, and the vigil, of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def maintenance(self) -> Maintenance:
        found = await self._session.rows(rows.ONE_MAINTENANCE)
        return rows.maintenance_from(found[0]) if found else Maintenance()

    async def put_maintenance(self, maintenance: Maintenance) -> None:
        await self._put("maintenance", rows.NO_MAINTENANCE, rows.maintenance_row(maintenance))

    async def transcode_rule(self) -> TranscodeRule:
        found = await self._session.rows(rows.ONE_TRANSCODE_RULE)
        return rows.transcode_rule_from(found[0]) if found else TranscodeRule()

    async def put_transcode_rule(self, rule: TranscodeRule) -> None:
        await self._put("transcode_rules", rows.NO_TRANSCODE_RULE, rows.transcode_rule_row(rule))

    async def vigil(self) -> Vigil:
        found = await self._session.rows(rows.ONE_VIGIL)
        return rows.vigil_from(found[0] if found else None)

    async def put_vigil(self, vigil: Vigil) -> None:
        await self._put("vigils", rows.NO_VIGIL, rows.vigil_row(vigil))

    async def _put(self, table: str, emptying: str, row: dict[str, Any]) -> None:
        async with self._session.step() as step:
            # two that write at once must not both find nothing to delete
            await step.rows(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            await step.rows(emptying)
            await step.insert_all(table, [row])


class PostgresBlackouts:
    """Keeps the blackouts of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, blackout: Blackout) -> None:
        async with self._session.step() as step:
            (youngest,) = await step.rows(rows.NEXT_AGE)
            row = {**rows.blackout_row(blackout), "age": youngest["age"]}
            await step.insert("blackouts", row, kind=rows.BLACKOUT)

    async def get(self, blackout_id: BlackoutId) -> Blackout:
        found = await self._session.rows(numbered(rows.ONE_BLACKOUT), blackout_id)
        if not found:
            raise NotFound(rows.BLACKOUT, blackout_id)
        return rows.blackout_from(found[0])

    async def all(self) -> list[Blackout]:
        return [rows.blackout_from(row) for row in await self._session.rows(rows.ALL_BLACKOUTS)]

    async def save(self, blackout: Blackout) -> None:
        row = rows.blackout_row(blackout)
        names = [name for name in row if name != "id"]
        changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
        async with self._session.step() as step:
            sql = f"UPDATE blackouts SET {changes} WHERE id = $1 RETURNING id"  # noqa: S608 - our own names
            if not await step.rows(sql, row["id"], *(row[name] for name in names)):
                raise NotFound(rows.BLACKOUT, blackout.id)

    async def remove(self, blackout_id: BlackoutId) -> None:
        async with self._session.step() as step:
            if not await step.rows("DELETE FROM blackouts WHERE id = $1 RETURNING id", blackout_id):
                raise NotFound(rows.BLACKOUT, blackout_id)
