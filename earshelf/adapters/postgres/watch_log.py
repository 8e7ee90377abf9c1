"""Who watched what, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.steps import stepping
from earshelf.adapters.rows.media import moment_at
from earshelf.adapters.rows.watch_log import NEWEST, watch_values
from earshelf.domain.ids import ServerId
from earshelf.domain.watches import Watch

_ADD = """
INSERT INTO media_watches (server_id, item_id, watched_at, viewer, device, platform)
SELECT media.server_id, media.id, told.watched_at, told.viewer, told.device, told.platform
FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
    AS told (item_key, watched_at, viewer, device, platform)
JOIN media ON media.server_id = $1 AND media.item_key = told.item_key
ON CONFLICT DO NOTHING
"""


class PostgresWatchLog:
    """Keeps the history."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def add(self, server_id: ServerId, watches: Sequence[Watch]) -> None:
        if watches:
            columns = zip(*((watch.key, *watch_values(watch)) for watch in watches), strict=True)
            async with stepping(self._database) as step:
                await step.rows(_ADD, server_id, *columns)

    async def newest(self, server_id: ServerId) -> datetime | None:
        rows = await self._database.read(numbered(NEWEST), server_id)
        return moment_at(rows[0]["newest"]) if rows else None
