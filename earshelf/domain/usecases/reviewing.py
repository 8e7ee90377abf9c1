"""Deciding which finished downloads may go into the library, by the quality gate or by a person."""

import logging

from earshelf.domain.books import Book
from earshelf.domain.downloads import Download, DownloadStatus
from earshelf.domain.errors import (
    Conflict,
    EarshelfError,
    FilesUnavailable,
    InvalidTransition,
    NotFound,
    StaleWrite,
)
from earshelf.domain.ids import BookId, DownloadId, IdPrefix, ImportId
from earshelf.domain.import_errors import ImportRefused, SourceNotFound
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.paths import PathMapping, map_path
from earshelf.domain.quality_gate import Verdict, judge
from earshelf.domain.settings import Settings
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.grabbing import abandon
from earshelf.domain.usecases.importing import Importing
from earshelf.ports.files import LibraryFiles
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
_BOOK_GONE = "The book was deleted"
_NOWHERE = "'{client}' does not say where it put the files"


class Reviewing:
    """Sends downloads to import, holds them, or takes a person's word for it."""

    def __init__(
        self,
        *,
        storage: Storage,
        importing: Importing,
        files: LibraryFiles,
        settings: SettingsStore,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._storage = storage
        self._importing = importing
        self._files = files
        self._settings = settings
        self._clock = clock
        self._entropy = entropy

    async def _take_back_checks(self) -> None:
        """A check that is still open when the next round begins was cut short by a stop or by trouble."""
        async with self._storage.unit() as unit:
            interrupted = await unit.downloads.being_checked()
            for download in interrupted:
                download.recover()
                await unit.downloads.save(download)
                if book := await _book_of(unit, download):
                    book.hold_import(self._clock.now())
                    await unit.books.save(book)
            await unit.commit(self._clock.now())

    async def review(self) -> None:
        """Looks at every download that its client has finished, whatever becomes of the others.

        Run it in one place at a time.
        """
        await self._take_back_checks()
        async with self._storage.unit() as unit:
            ready = await unit.downloads.ready_for_check()
        if not ready:
            return
        settings = await self._settings.load()
        obstacle = await self._importing.obstacle()
        for download in ready:
            try:
                await self._review_one(download, settings, obstacle)
            except EarshelfError as problem:
                _log.warning("'%s' could not be reviewed: %s", download.title, problem)

    async def _review_one(self, download: Download, settings: Settings, obstacle: str | None) -> None:
        if obstacle:
            await self._explain_wait(download, obstacle)
        elif await self._claimed(download):
            source, objection = await self._survey(download, settings)
            await self._settle(download.id, source, objection)

    async def approve(self, download_id: DownloadId) -> Download:
        """Lets a held download into the library.

        :raises NotFound: no download has this id. :raises InvalidTransition: it is not held, or its book is gone.
        :raises Conflict: nobody knows where its files are.
        """

        async def decide(unit: UnitOfWork) -> Download:
            download = await unit.downloads.get(download_id)
            book = await _book_of(unit, download)
            if download.status is not DownloadStatus.PENDING_REVIEW or book is None:
                raise InvalidTransition(download_id, download.status, "approved")
            name, mappings = await self._whereabouts(unit, download)
            mapped = map_path(download.output_path or "", mappings)
            if mapped is None:
                raise Conflict(_NOWHERE.format(client=name))
            await self._send_to_import(unit, download, book, mapped.path)
            return download

        approved = await unless_stale(self._storage, self._clock, decide)
        self._importing.nudge()
        return approved

    async def reject(self, download_id: DownloadId) -> Download:
        """Ends a held download; its book is what it was before the grab, its files stay at the client.

        :raises NotFound: no download has this id. :raises InvalidTransition: it is not held.
        """

        async def decide(unit: UnitOfWork) -> Download:
            download = await unit.downloads.get(download_id)
            if download.status is not DownloadStatus.PENDING_REVIEW:
                raise InvalidTransition(download_id, download.status, "rejected")
            await abandon(unit, download, "Rejected by user", self._clock)
            return download

        return await unless_stale(self._storage, self._clock, decide)

    async def _explain_wait(self, download: Download, why: str) -> None:
        if download.error_message == why:
            return

        async def decide(unit: UnitOfWork) -> None:
            waiting = await unit.downloads.get(download.id)
            waiting.explain_wait(why)
            await unit.downloads.save(waiting)

        _log.warning("'%s' waits: %s", download.title, why)
        await unless_stale(self._storage, self._clock, decide)

    async def _claimed(self, download: Download) -> bool:
        """Of several processes that see the same finished download, one gets it."""
        try:
            async with self._storage.unit() as unit:
                download.begin_check()
                await unit.downloads.save(download)
                if book := await _book_of(unit, download):
                    book.begin_import(self._clock.now())
                    await unit.books.save(book)
                await unit.commit(self._clock.now())
        except (StaleWrite, NotFound):
            return False
        return True

    async def _survey(self, download: Download, settings: Settings) -> tuple[str, str | None]:
        """Returns where the files are and, if a person has to look, why."""
        async with self._storage.unit() as unit:
            name, mappings = await self._whereabouts(unit, download)
            book = await _book_of(unit, download)
        mapped = map_path(download.output_path or "", mappings)
        if mapped is None:
            return "", _NOWHERE.format(client=name)
        try:
            found = await self._files.audio_below(mapped.path, library=settings.library.path)
        except (ImportRefused, FilesUnavailable) as problem:
            return mapped.path, problem.message
        if found is None:
            return mapped.path, SourceNotFound(mapped.path, name).message
        if book is None:
            return mapped.path, _BOOK_GONE
        judgement = judge(book, [file.path for file in found], source=mapped.path)
        return mapped.path, judgement.reason if judgement.verdict is Verdict.HOLD else None

    async def _settle(self, download_id: DownloadId, source: str, objection: str | None) -> None:
        async def decide(unit: UnitOfWork) -> None:
            download = await unit.downloads.get(download_id)
            if download.status is not DownloadStatus.CHECKING:
                return
            book = await _book_of(unit, download)
            if objection is None and book is not None:
                await self._send_to_import(unit, download, book, source)
                return
            download.hold(objection or _BOOK_GONE)
            await unit.downloads.save(download)
            if book is not None:
                book.hold_import(self._clock.now())
                await unit.books.save(book)

        if objection:
            _log.warning("A download is held for review: %s", objection)
        await unless_stale(self._storage, self._clock, decide)

    async def _send_to_import(self, unit: UnitOfWork, download: Download, book: Book, source: str) -> None:
        mode = (await self._settings.load()).imports.mode
        now = self._clock.now()
        download.begin_import()
        book.begin_import(now)
        import_id = ImportId(self._entropy.new_id(IdPrefix.IMPORT))
        await unit.imports.add(
            ImportJob(import_id, book.id, source, mode, created_at=now, download_id=download.id),
        )
        await unit.downloads.save(download)
        await unit.books.save(book)

    async def _whereabouts(self, unit: UnitOfWork, download: Download) -> tuple[str, tuple[PathMapping, ...]]:
        if download.client_id is not None:
            try:
                client = await unit.integrations.get(download.client_id, IntegrationRole.DOWNLOAD_CLIENT)
            except NotFound:
                pass
            else:
                return client.name, client.path_mappings
        return "a removed client", ()


async def _book_of(unit: UnitOfWork, download: Download) -> Book | None:
    return await find_book(unit, download.book_id)


async def find_book(unit: UnitOfWork, book_id: BookId | None) -> Book | None:
    """Returns the book, or None where there is none any more."""
    if book_id is None:
        return None
    try:
        return await unit.books.get(book_id)
    except NotFound:
        return None
