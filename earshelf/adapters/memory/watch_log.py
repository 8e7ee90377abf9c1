"""Who watched what, forgotten with the process."""

from collections.abc import Sequence
from datetime import datetime

from earshelf.adapters.memory.media_tables import MediaTables
from earshelf.domain.ids import ServerId
from earshelf.domain.watches import Watch


class MemoryWatchLog:
    """Keeps the history."""

    def __init__(self, tables: MediaTables) -> None:
        self._tables = tables

    async def add(self, server_id: ServerId, watches: Sequence[Watch]) -> None:
        for watch in watches:
            if item := self._tables.rows.get((server_id, watch.key)):
                place = (item.id, watch.watched_at.replace(microsecond=0), watch.viewer)
                self._tables.watches.setdefault(place, (server_id, watch))

    async def newest(self, server_id: ServerId) -> datetime | None:
        found = (place[1] for place, (owner, _) in self._tables.watches.items() if owner == server_id)
        return max(found, default=None)
