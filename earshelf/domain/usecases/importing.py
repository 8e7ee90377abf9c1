"""Bringing finished files into the library: once or not at all, never half.

A job writes down where the book will lie before anything is put there. Whatever moment the program stops at, the disk
says afterwards whether the book was published, and the records follow the disk.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import PurePath

from earshelf.domain.books import Book, BookFile
from earshelf.domain.downloads import Download
from earshelf.domain.errors import EarshelfError, FilesUnavailable, NotFound
from earshelf.domain.events import ChangeReason
from earshelf.domain.ids import BookId, IdPrefix, ImportId
from earshelf.domain.import_errors import (
    ImportRefused,
    LibraryNotSet,
    LibraryUnavailable,
    NoAudio,
    SourceNotFound,
    UnsafeSource,
)
from earshelf.domain.imports import ImportJob, ImportMode, ImportState
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.setbacks import Setbacks
from earshelf.domain.usecases.shelving import Shelving
from earshelf.ports.files import AudioReader, LibraryFiles, SourceFile
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
_UNEXPECTED = "The import met an unexpected error; the log has it"


class Importing:
    """Runs imports one at a time; whoever has news calls :meth:`nudge`."""

    def __init__(
        self,
        *,
        storage: Storage,
        shelving: Shelving,
        files: LibraryFiles,
        audio: AudioReader,
        settings: SettingsStore,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._storage = storage
        self._shelving = shelving
        self._files = files
        self._audio = audio
        self._settings = settings
        self._clock = clock
        self._entropy = entropy
        self._setbacks = Setbacks(storage=storage, shelving=shelving, files=files, clock=clock)
        self._news = asyncio.Event()

    def nudge(self) -> None:
        """Says that there may be something to import."""
        self._news.set()

    async def wait_for_news(self, seconds: float) -> None:
        """Returns once somebody nudged, or after that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def recover(self) -> None:
        """Puts right what a stop of the program cut short; call it once, before :meth:`work`."""
        for job in await self._open_jobs():
            try:
                await self._recover_job(job)
            except EarshelfError as problem:
                _log.warning("Import %s cannot be recovered yet: %s", job.id, problem)

    async def work(self) -> None:
        """Runs every open import; one that cannot go on waits for the library or is held, and stops no other."""
        for job in await self._open_jobs():
            try:
                await self._run_or_hold(job)
            except EarshelfError as problem:
                _log.warning("Import %s waits: %s", job.id, problem)

    async def obstacle(self) -> str | None:
        """Returns why no import can go on just now, and the remedy; None where the library is there."""
        return await self._shelving.obstacle()

    async def adopt(self, folder: str, find: Callable[[UnitOfWork], Awaitable[Book]]) -> ImportId:
        """Registers a folder that lies in the library already as a book's, leaving every file where it is.

        ``find`` returns the book, or adds it, in the unit that registers the folder: both happen or neither.

        :raises SourceNotFound: nothing lies there. :raises NoAudio: nothing there can be listened to.
        :raises UnsafeSource: the folder is not inside the library, or lies in or around another book's.
        """
        book_files = await self._book_files(await self.adoptable(folder))
        # ownership is told by the spelling
        folder = str(PurePath(folder))
        import_id = ImportId(self._entropy.new_id(IdPrefix.IMPORT))

        async def decide(unit: UnitOfWork) -> None:
            now = self._clock.now()
            book = await find(unit)
            owner = await unit.books.claiming(folder, besides=book.id)
            if owner is not None:
                raise UnsafeSource(f"'{owner.folder}' belongs to the book '{owner.title}'")
            book.mark_imported(folder, book_files, import_id=import_id, now=now, reason=ChangeReason.ADOPT)
            await unit.imports.add(_adoption(import_id, book.id, folder, now))
            await unit.books.save(book)

        await unless_stale(self._storage, self._clock, decide)
        return import_id

    async def adoptable(self, folder: str) -> list[SourceFile]:
        """Returns the audio files of a folder that may be adopted; raises like :meth:`adopt`."""
        library = (await self._settings.load()).library.path
        if not library:
            raise LibraryNotSet
        by_name = PurePath(library) in PurePath(folder).parents
        if not by_name or not await self._files.is_inside(folder, library):
            raise UnsafeSource(
                f"'{folder}' is not inside the library '{library}', or only through a link; "
                "name the folder itself, or import it with mode copy or move"
            )
        found = await self._files.audio_below(folder, library="")
        if found is None:
            raise SourceNotFound(folder, "library")
        if not found:
            raise NoAudio(folder)
        return found

    async def _open_jobs(self) -> list[ImportJob]:
        async with self._storage.unit() as unit:
            return await unit.imports.open()

    async def _recover_job(self, job: ImportJob) -> None:
        # of a library that is away nobody can say what lies in it
        await self._shelving.require_library()
        if job.target is None or job.state is ImportState.RECORDED:
            return
        if await self._files.is_published(job.id, job.target):
            await self._record(job)
        elif job.state is ImportState.STAGING:
            await self._files.discard(job.id, job.target)
            job.restart()
            await self._save(job)

    async def _run_or_hold(self, job: ImportJob) -> None:
        try:
            await self._run(job)
        except LibraryUnavailable as obstacle:
            await self._setbacks.wait(job, obstacle.message)
        except (ImportRefused, FilesUnavailable, NotFound) as problem:
            await self._setbacks.hold(job, problem.message)
        except EarshelfError:
            raise
        except Exception:  # noqa: BLE001 - a defect with one book must not keep the others out
            _log.exception("Import %s failed", job.id)
            await self._setbacks.hold(job, _UNEXPECTED)

    async def _run(self, job: ImportJob) -> None:
        await self._recover_job(job)
        if job.state is ImportState.PENDING:
            await self._setbacks.end_wait(job)
            await self._put_in_place(job)
            await self._record(job)
        if job.state is ImportState.RECORDED:
            await self._clear_traces(job)

    async def _put_in_place(self, job: ImportJob) -> None:
        plan = await self._shelving.plan(job)
        job.begin_staging(plan.target, replaced=plan.replaced)
        await self._save(job)
        if not await self._files.is_published(job.id, plan.target):
            await self._files.stage(plan.staging, library=plan.library)
            await self._files.publish(job.id, plan.target)

    async def _record(self, job: ImportJob) -> None:
        target = job.target or ""
        book_files = await self._book_files(await self._files.audio_below(target, library="") or [])

        async def decide(unit: UnitOfWork) -> ImportJob:
            now = self._clock.now()
            fresh = await unit.imports.get(job.id)
            fresh.record(target, now)
            book = await unit.books.get(job.book_id)
            book.begin_import(now)
            book.mark_imported(target, book_files, import_id=job.id, now=now)
            await unit.imports.save(fresh)
            await unit.books.save(book)
            if job.download_id is not None:
                await _close_download(unit, await unit.downloads.get(job.download_id))
            return fresh

        recorded = await unless_stale(self._storage, self._clock, decide)
        job.state, job.version, job.finished_at = recorded.state, recorded.version, recorded.finished_at
        _log.info("Imported %d files into '%s'", len(book_files), target)

    async def _clear_traces(self, job: ImportJob) -> None:
        await self._files.settle(job.id, job.target or "", replaced=job.replaced)
        if job.mode is ImportMode.MOVE:
            await self._remove_sources(job)
        job.close()
        await self._save(job)

    async def _remove_sources(self, job: ImportJob) -> None:
        """Deletes moved sources, unless something came or went there since: then a person should look first."""
        library = (await self._settings.load()).library.path
        found = await self._files.audio_below(job.source, library=library) or []
        shelved = await self._files.audio_below(job.target or "", library="") or []
        if sorted(file.size for file in found) != sorted(file.size for file in shelved):
            _log.warning("'%s' changed since it was imported; its files stay", job.source)
            return
        await self._files.remove_sources([file.absolute for file in found], root=job.source)

    async def _book_files(self, found: Sequence[SourceFile]) -> list[BookFile]:
        facts = [await self._audio.facts(file.absolute) for file in found]
        return [
            BookFile(file.path, file.size, fact.seconds, fact.format) for file, fact in zip(found, facts, strict=True)
        ]

    async def _save(self, job: ImportJob) -> None:
        async with self._storage.unit() as unit:
            await unit.imports.save(job)
            await unit.commit(self._clock.now())


async def _close_download(unit: UnitOfWork, download: Download) -> None:
    download.mark_imported()
    await unit.downloads.save(download)


def _adoption(import_id: ImportId, book_id: BookId, folder: str, now: datetime) -> ImportJob:
    job = ImportJob(import_id, book_id, folder, ImportMode.ADOPT, created_at=now)
    job.record(folder, now)
    job.close()
    return job
