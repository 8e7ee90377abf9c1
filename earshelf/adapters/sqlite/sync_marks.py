"""Marks of syncs, in SQLite."""

from collections.abc import Mapping

from earshelf.adapters.rows.sync_marks import ALL_MARKS, CHANGES, MARK_NAMES, mark_row, marks_by_server
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.session import spelled
from earshelf.adapters.sqlite.steps import step
from earshelf.domain.ids import ServerId
from earshelf.domain.sync_schedules import SyncMark

_PUT = (
    f"INSERT INTO sync_marks ({', '.join(MARK_NAMES)}) VALUES (:{', :'.join(MARK_NAMES)}) "  # noqa: S608
    f"ON CONFLICT (server_id) DO UPDATE SET {CHANGES}"
)


class SqliteSyncMarks:
    """Keeps the marks."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def all(self) -> Mapping[ServerId, SyncMark]:
        return marks_by_server(await self._database.read(lambda database: database.conn.execute(ALL_MARKS).fetchall()))

    async def put(self, mark: SyncMark) -> None:
        row = spelled(mark_row(mark))
        await step(self._database, lambda database: database.conn.execute(_PUT, row))
