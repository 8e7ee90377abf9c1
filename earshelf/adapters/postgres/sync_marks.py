"""Marks of syncs, in PostgreSQL."""

from collections.abc import Mapping

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.steps import stepping
from earshelf.adapters.rows.sync_marks import ALL_MARKS, CHANGES, MARK_NAMES, mark_row, marks_by_server
from earshelf.domain.ids import ServerId
from earshelf.domain.sync_schedules import SyncMark

_PUT = (
    f"INSERT INTO sync_marks ({', '.join(MARK_NAMES)}) "  # noqa: S608 - our own words
    f"VALUES ({', '.join(f'${place}' for place in range(1, len(MARK_NAMES) + 1))}) "
    f"ON CONFLICT (server_id) DO UPDATE SET {CHANGES}"
)


class PostgresSyncMarks:
    """Keeps the marks."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def all(self) -> Mapping[ServerId, SyncMark]:
        return marks_by_server(await self._database.read(ALL_MARKS))

    async def put(self, mark: SyncMark) -> None:
        async with stepping(self._database) as step:
            await step.rows(_PUT, *mark_row(mark).values())
