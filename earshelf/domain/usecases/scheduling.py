"""Asking for syncs when it is time."""

import logging
from dataclasses import replace
from datetime import datetime, tzinfo

from earshelf.domain.accounts import TokenState
from earshelf.domain.errors import Conflict, EarshelfError, NotFound
from earshelf.domain.servers import MediaServer
from earshelf.domain.sync_schedules import SyncEvery, SyncMark
from earshelf.domain.usecases.syncing import Syncing
from earshelf.ports.media import MediaStore
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)


class Scheduling:
    """Looks every minute whose libraries should be read; belongs to one process at a time."""

    def __init__(self, *, storage: Storage, store: MediaStore, syncing: Syncing, clock: Clock, zone: tzinfo) -> None:
        self._storage = storage
        self._store = store
        self._syncing = syncing
        self._clock = clock
        self._zone = zone

    async def look(self) -> None:
        """Asks for what is due; times that went by while nobody looked count as one."""
        now = self._clock.now()
        async with self._storage.unit() as unit:
            servers = await unit.servers.all()
        marks = await self._store.marks.all()
        for server in servers:
            if _takes_part(server):
                try:
                    await self._attend(server, marks.get(server.id), now)
                except EarshelfError as problem:
                    _log.warning("The scheduled sync of '%s' waits: %s", server.name, problem)

    async def _attend(self, server: MediaServer, mark: SyncMark | None, now: datetime) -> None:
        if mark is not None and mark.asked_at > now:
            # a clock that was put back must not silence the schedule
            mark = replace(mark, asked_at=now)
            await self._store.marks.put(mark)
        if server.schedule.is_due(mark.asked_at if mark else None, now=now, zone=self._zone):
            await self._ask(server, now, is_retried=False)
        elif mark is not None and mark.retry_at is not None:
            if mark.retry_at <= now:
                await self._ask(server, now, is_retried=True)
        elif mark is not None and mark.job_id is not None:
            await self._note_failure(mark, now)

    async def _ask(self, server: MediaServer, now: datetime, *, is_retried: bool) -> None:
        try:
            job_id = await self._syncing.start(server.id)
        except Conflict:
            # one is under way; the next look asks again
            return
        # only now: what could not be asked for is due still
        await self._store.marks.put(SyncMark(server.id, now, job_id, is_retried=is_retried))

    async def _note_failure(self, mark: SyncMark, now: datetime) -> None:
        assert mark.job_id is not None
        try:
            retry_at = mark.retry_of(await self._store.jobs.get(mark.job_id), now)
        except NotFound:
            return
        if retry_at is not None:
            await self._store.marks.put(replace(mark, retry_at=retry_at))


def _takes_part(server: MediaServer) -> bool:
    # a token that is known to be refused is not shown again and again
    wants = server.enabled and server.schedule.every is not SyncEvery.MANUAL
    return wants and server.token_state is not TokenState.REVOKED
