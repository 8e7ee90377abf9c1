"""Who watched what, in SQLite."""

from collections.abc import Sequence
from datetime import datetime

from earshelf.adapters.rows.media import moment_at
from earshelf.adapters.rows.watch_log import NEWEST, watch_values
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.steps import step
from earshelf.domain.ids import ServerId
from earshelf.domain.watches import Watch

_ADD = """
INSERT OR IGNORE INTO media_watches (server_id, item_id, watched_at, viewer, device, platform)
SELECT server_id, id, ?, ?, ?, ? FROM media WHERE server_id = ? AND item_key = ?
"""


class SqliteWatchLog:
    """Keeps the history."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add(self, server_id: ServerId, watches: Sequence[Watch]) -> None:
        rows = [(*watch_values(watch), server_id, watch.key) for watch in watches]
        if rows:
            await step(self._database, lambda database: database.conn.executemany(_ADD, rows))

    async def newest(self, server_id: ServerId) -> datetime | None:
        row = await self._database.read(lambda database: database.conn.execute(NEWEST, (server_id,)).fetchone())
        return moment_at(row["newest"])
