"""What becomes of book and download when an import cannot go on."""

import logging

from earshelf.domain.downloads import DownloadStatus
from earshelf.domain.errors import NotFound
from earshelf.domain.imports import ImportJob, ImportState
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.grabbing import abandon
from earshelf.domain.usecases.shelving import Shelving
from earshelf.ports.files import LibraryFiles
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
_NO_BOOK = "The book was deleted before it was imported"
_NO_BOOK_FOR = "The book was deleted while it was imported; its files lie in '{folder}'"


class Setbacks:
    """Lets imports wait, asks a person about them, or gives them up."""

    def __init__(self, *, storage: Storage, shelving: Shelving, files: LibraryFiles, clock: Clock) -> None:
        self._storage = storage
        self._shelving = shelving
        self._files = files
        self._clock = clock

    async def wait(self, job: ImportJob, why: str) -> None:
        """Leaves the job as it is for the next round, and says why on its download."""
        _log.warning("Import %s waits: %s", job.id, why)
        await self._explain(job, why)

    async def end_wait(self, job: ImportJob) -> None:
        """Takes back what :meth:`wait` said."""
        await self._explain(job, None)

    async def hold(self, job: ImportJob, reason: str) -> None:
        """Gives the job up and asks a person; approving the download starts a new one.

        A job waits instead while the library is away: nobody can say then what it has done already. Nor is one given
        up whose book lies in place: its records follow with the next try, or the clearing away if only that is left.
        """
        if job.state is ImportState.RECORDED:
            _log.warning("Import %s is done, its traces are not cleared yet: %s", job.id, reason)
        elif obstacle := await self._shelving.obstacle():
            await self.wait(job, obstacle)
        elif await self._is_without_book(job):
            await self._give_up(job)
        elif await self._is_published(job):
            _log.warning("Import %s is published and waits to be recorded: %s", job.id, reason)
        else:
            await self._hold(job, reason)

    async def _explain(self, job: ImportJob, why: str | None) -> None:
        download_id = job.download_id
        if download_id is None:
            return

        async def decide(unit: UnitOfWork) -> None:
            download = await unit.downloads.get(download_id)
            if download.status is not DownloadStatus.IMPORTING or download.error_message == why:
                return
            if why is None:
                download.end_wait()
            else:
                download.explain_wait(why)
            await unit.downloads.save(download)

        await unless_stale(self._storage, self._clock, decide)

    async def _is_without_book(self, job: ImportJob) -> bool:
        async with self._storage.unit() as unit:
            try:
                await unit.books.get(job.book_id)
            except NotFound:
                return True
        return False

    async def _is_published(self, job: ImportJob) -> bool:
        return job.target is not None and await self._files.is_published(job.id, job.target)

    async def _give_up(self, job: ImportJob) -> None:
        """Ends an import for nobody; what lies in place stays there, with whatever it was to replace."""
        reason = _NO_BOOK
        if job.target is not None and await self._is_published(job):
            reason = _NO_BOOK_FOR.format(folder=job.target)
            await self._files.settle(job.id, job.target)
        elif job.target is not None:
            await self._files.discard(job.id, job.target)

        async def decide(unit: UnitOfWork) -> None:
            await self._fail(unit, job, reason)
            if job.download_id is not None:
                await abandon(unit, await unit.downloads.get(job.download_id), reason, self._clock)

        _log.warning("Import %s is given up: %s", job.id, reason)
        await unless_stale(self._storage, self._clock, decide)

    async def _hold(self, job: ImportJob, reason: str) -> None:
        if job.target is not None:
            await self._files.discard(job.id, job.target)

        async def decide(unit: UnitOfWork) -> None:
            await self._fail(unit, job, reason)
            if job.download_id is not None:
                download = await unit.downloads.get(job.download_id)
                download.hold(reason)
                await unit.downloads.save(download)
            book = await unit.books.get(job.book_id)
            book.hold_import(self._clock.now())
            await unit.books.save(book)

        _log.warning("Import %s is held for review: %s", job.id, reason)
        await unless_stale(self._storage, self._clock, decide)

    async def _fail(self, unit: UnitOfWork, job: ImportJob, reason: str) -> None:
        fresh = await unit.imports.get(job.id)
        fresh.fail(reason, self._clock.now())
        await unit.imports.save(fresh)
