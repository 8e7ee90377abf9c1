"""When syncs of media servers were asked for last."""

from collections.abc import Mapping
from typing import Protocol

from earshelf.domain.ids import ServerId
from earshelf.domain.sync_schedules import SyncMark


class SyncMarks(Protocol):
    """One mark for each server that was ever read; steps and errors as of the shelf of items."""

    async def all(self) -> Mapping[ServerId, SyncMark]:
        """Returns every mark, by server."""
        ...

    async def put(self, mark: SyncMark) -> None:
        """Writes a server's mark in place of the one before."""
        ...
