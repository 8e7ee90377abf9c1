"""Downloads and imports, in memory."""

from collections.abc import Callable
from dataclasses import replace

from earshelf.adapters.memory.tables import Session, Tables
from earshelf.domain.downloads import TERMINAL, Download, DownloadStatus, PipelineStage
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import BookId, DownloadId, ImportId, IntegrationId
from earshelf.domain.imports import ImportJob


class MemoryDownloads:
    """Keeps the downloads of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, download: Download) -> None:
        tables = await self._session.tables()
        if download.id in tables.downloads:
            raise AlreadyExists("download", download.id)
        self._store(download, tables, version=1)

    async def get(self, download_id: DownloadId) -> Download:
        tables = await self._session.tables()
        if download_id not in tables.downloads:
            raise NotFound("download", download_id)
        return copied(tables.downloads[download_id])

    async def of_book(self, book_id: BookId) -> list[Download]:
        found = await self._oldest_first(lambda download: download.book_id == book_id)
        return found[::-1]

    async def polled(self) -> list[Download]:
        return await self._oldest_first(lambda download: download.is_polled)

    async def ready_for_check(self) -> list[Download]:
        return await self._oldest_first(lambda download: download.is_ready_for_check)

    async def being_checked(self) -> list[Download]:
        return await self._oldest_first(lambda download: download.stage is PipelineStage.CHECKING)

    async def reserved(self) -> list[Download]:
        return await self._oldest_first(lambda download: download.reference is None and not _has_failed(download))

    async def sharing(self, reference: str, *, client_id: IntegrationId, besides: DownloadId) -> list[Download]:
        wanted = reference.lower()
        living = await self._oldest_first(lambda download: download.status not in TERMINAL and download.id != besides)
        return [other for other in living if other.client_id == client_id and _transfer(other) == wanted]

    async def save(self, download: Download) -> None:
        tables = await self._session.tables()
        if download.id not in tables.downloads:
            raise NotFound("download", download.id)
        stored = tables.downloads[download.id].version
        self._session.check_version("download", download.id, stored=stored, read=download.version)
        self._store(download, tables, version=download.version + 1)

    async def remove(self, download_id: DownloadId) -> None:
        (await self._session.tables()).downloads.pop(download_id, None)

    def _store(self, download: Download, tables: Tables, *, version: int) -> None:
        if download.book_id is not None and download.book_id not in tables.books:
            raise NotFound("book", download.book_id)
        if any(_is_same_grab(download, other) for other in tables.downloads.values()):
            raise AlreadyExists("download", download.title)
        download.version = version
        self._session.note(download)
        tables.downloads[download.id] = copied(download)

    async def _oldest_first(self, admits: Callable[[Download], bool]) -> list[Download]:
        tables = await self._session.tables()
        found = [copied(download) for download in tables.downloads.values() if admits(download)]
        return sorted(found, key=lambda download: (download.added_at, download.id))


def copied(download: Download) -> Download:
    """Returns a copy that nobody else holds."""
    return replace(download, _events=[])


def _has_failed(download: Download) -> bool:
    return download.status is DownloadStatus.FAILED


def _transfer(download: Download) -> str:
    return (download.info_hash or "" if download.reference is None else download.reference).lower()


def _is_same_grab(one: Download, other: Download) -> bool:
    if one.id == other.id or one.book_id is None or one.book_id != other.book_id:
        return False
    same = one.release.identity == other.release.identity
    return same and not (_has_failed(one) or _has_failed(other))


class MemoryImportJobs:
    """Keeps the imports of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, job: ImportJob) -> None:
        tables = await self._session.tables()
        if job.id in tables.imports:
            raise AlreadyExists("import", job.id)
        if any(other.is_open and other.book_id == job.book_id for other in tables.imports.values()):
            raise AlreadyExists("pending import", job.book_id)
        self._store(job, tables, version=1)

    async def get(self, import_id: ImportId) -> ImportJob:
        tables = await self._session.tables()
        if import_id not in tables.imports:
            raise NotFound("import", import_id)
        return replace(tables.imports[import_id], _events=[])

    async def open(self) -> list[ImportJob]:
        tables = await self._session.tables()
        jobs = [replace(job, _events=[]) for job in tables.imports.values() if job.is_open]
        return sorted(jobs, key=lambda job: (job.created_at, job.id))

    async def save(self, job: ImportJob) -> None:
        tables = await self._session.tables()
        if job.id not in tables.imports:
            raise NotFound("import", job.id)
        self._session.check_version("import", job.id, stored=tables.imports[job.id].version, read=job.version)
        self._store(job, tables, version=job.version + 1)

    def _store(self, job: ImportJob, tables: Tables, *, version: int) -> None:
        job.version = version
        self._session.note(job)
        tables.imports[job.id] = replace(job, _events=[])
