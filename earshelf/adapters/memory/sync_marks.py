"""Marks of syncs that are forgotten with the process."""

from collections.abc import Mapping

from earshelf.adapters.memory.media_tables import MediaTables
from earshelf.domain.ids import ServerId
from earshelf.domain.sync_schedules import SyncMark


class MemorySyncMarks:
    """Keeps the marks."""

    def __init__(self, tables: MediaTables) -> None:
        self._rows = tables.marks

    async def all(self) -> Mapping[ServerId, SyncMark]:
        return dict(self._rows)

    async def put(self, mark: SyncMark) -> None:
        self._rows[mark.server_id] = mark
