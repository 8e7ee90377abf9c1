"""Finding a book's place on the shelf: its folder, the names of its files, and whether there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from earshelf.domain.books import Book
from earshelf.domain.errors import FilesUnavailable, NotFound
from earshelf.domain.ids import ImportId
from earshelf.domain.import_errors import (
    ImportRefused,
    InsufficientSpace,
    LibraryEmpty,
    LibraryMissing,
    LibraryNotSet,
    LibraryUnavailable,
    NoAudio,
    SourceNotFound,
)
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.naming import NamingFacts, NamingTemplate, TemplateKind, file_names, folder_segments
from earshelf.domain.settings import Settings
from earshelf.ports.files import LibraryFiles, SourceFile, StagedFile, StagingPlan
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork

_GIGABYTE = 1024**3
_MOST_NAMESAKES = 1000


@dataclass(frozen=True, slots=True)
class ShelfPlan:
    """What is to be staged, inside which library, and which files of the book it takes the place of."""

    staging: StagingPlan
    library: str
    replaced: tuple[str, ...]

    @property
    def target(self) -> str:
        """The book's folder."""
        return self.staging.target


class Shelving:
    """Plans imports; nothing is written yet."""

    def __init__(self, *, storage: Storage, files: LibraryFiles, settings: SettingsStore) -> None:
        self._storage = storage
        self._files = files
        self._settings = settings

    async def obstacle(self) -> str | None:
        """Returns why nothing can be put on the shelf just now, and the remedy; None where it is there."""
        try:
            await self.require_library()
        except (LibraryUnavailable, FilesUnavailable) as problem:
            return problem.message
        return None

    async def require_library(self) -> None:
        """Makes sure that the library is there, with what lies in it.

        :raises LibraryUnavailable: it is not set, not there, or bare. :raises FilesUnavailable: its disk fails.
        """
        library = (await self._settings.load()).library.path
        if not library:
            raise LibraryNotSet
        if not await self._files.is_folder(library):
            # making it would fill the disk below a mount that is away for a moment
            raise LibraryMissing(library)
        if lost := await count_lost(library, files=self._files, storage=self._storage):
            raise LibraryEmpty(library, lost)

    async def plan(self, job: ImportJob) -> ShelfPlan:
        """Works out where the job's files will lie.

        A book that has a folder keeps it; where something else lies at a new book's place, it gets a numbered one.
        What this very job has published already is found again, also in a library that was moved.

        :raises NotFound: the book is gone. :raises LibraryUnavailable: there is no shelf.
        :raises SourceNotFound: nothing lies at the source. :raises NoAudio: nothing there can be listened to.
        :raises InsufficientSpace: the disk has no room for the book and the owner's reserve.
        """
        await self.require_library()
        settings = await self._settings.load()
        async with self._storage.unit() as unit:
            book = await unit.books.get(job.book_id)
            client = await _client_name(unit, job)
        found = await self._files.audio_below(job.source, library=settings.library.path)
        if found is None:
            raise SourceNotFound(job.source, client)
        if not found:
            raise NoAudio(job.source)
        await self._require_space(found, settings)
        target = book.folder or await self._free_folder(job.id, book, settings)
        staging = StagingPlan(job.id, target, _named(found, book, settings), job.mode)
        return ShelfPlan(staging, settings.library.path, tuple(file.path for file in book.files))

    async def _require_space(self, found: Sequence[SourceFile], settings: Settings) -> None:
        reserve = int(settings.imports.min_free_space_gb * _GIGABYTE)
        needed = reserve + sum(file.size for file in found)
        free = await self._files.free_bytes(settings.library.path)
        if reserve and free < needed:
            raise InsufficientSpace(needed, free)

    async def _free_folder(self, job_id: ImportId, book: Book, settings: Settings) -> str:
        template = NamingTemplate.parse(settings.library.folder_format, TemplateKind.FOLDER)
        wished = PurePath(settings.library.path, *folder_segments(template, _naming_facts(book)))
        for number in range(1, _MOST_NAMESAKES):
            folder = str(wished if number == 1 else wished.with_name(f"{wished.name} ({number})"))
            if not await self._files.exists(folder) or await self._files.is_published(job_id, folder):
                return folder
        raise ImportRefused(f"'{wished}' and all its numbered namesakes are taken; rename one of them")


async def count_lost(library: str, *, files: LibraryFiles, storage: Storage) -> int:
    """Counts the books that should lie in a library that is bare; zero for one that holds anything."""
    if not await files.is_empty(library):
        return 0
    async with storage.unit() as unit:
        return await unit.books.count_within(str(PurePath(library)))


def _named(found: Sequence[SourceFile], book: Book, settings: Settings) -> list[StagedFile]:
    template = NamingTemplate.parse(settings.library.file_format, TemplateKind.FILE)
    names = file_names(template, _naming_facts(book), [file.path for file in found])
    return [StagedFile(file.absolute, name) for file, name in zip(found, names, strict=True)]


async def _client_name(unit: UnitOfWork, job: ImportJob) -> str:
    try:
        download = await unit.downloads.get(job.download_id) if job.download_id else None
        if download and download.client_id:
            return (await unit.integrations.get(download.client_id, IntegrationRole.DOWNLOAD_CLIENT)).name
    except NotFound:
        pass
    return "a removed client"


def _naming_facts(book: Book) -> NamingFacts:
    return NamingFacts(
        title=book.title,
        authors=tuple(author.name for author in book.authors),
        narrators=tuple(narrator.name for narrator in book.narrators),
        series=book.series.series.name if book.series else None,
        position=book.series.position if book.series else None,
        published=book.published_date,
    )
