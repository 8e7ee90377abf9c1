"""Downloads and imports, in PostgreSQL."""

from typing import Any

from earshelf.adapters.postgres.session import PostgresSession, Step
from earshelf.adapters.rows.downloads import (
    changed_row,
    download_row,
    import_from,
    import_row,
    readable_download,
    release_key,
)
from earshelf.domain.downloads import Download, DownloadStatus
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import BookId, DownloadId, ImportId, IntegrationId
from earshelf.domain.imports import ImportJob

_OF_BOOK = "SELECT * FROM downloads WHERE book_id = $1 ORDER BY added_at DESC, id DESC"
_POLLED = """
SELECT * FROM downloads
WHERE stage = 'idle' AND client_status IN ('queued', 'downloading', 'paused') AND reference IS NOT NULL
ORDER BY added_at, id
"""
_READY = """
SELECT * FROM downloads
WHERE stage = 'idle' AND client_status = 'completed' AND reference IS NOT NULL
ORDER BY added_at, id
"""
_CHECKING = "SELECT * FROM downloads WHERE stage = 'checking' ORDER BY added_at, id"
_RESERVED = """
SELECT * FROM downloads
WHERE reference IS NULL AND NOT (client_status = 'failed' AND stage = 'idle')
ORDER BY added_at, id
"""
_SHARING = """
SELECT * FROM downloads
WHERE client_id = $1 AND lower(coalesce(reference, info_hash)) = lower($2) AND id <> $3
    AND stage <> 'imported' AND NOT (client_status = 'failed' AND stage = 'idle')
ORDER BY added_at, id
"""
_SAME_GRAB = """
SELECT 1 FROM downloads
WHERE book_id = $1 AND release_key = $2 AND id <> $3 AND NOT (client_status = 'failed' AND stage = 'idle')
"""


class PostgresDownloads:
    """Keeps the downloads of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, download: Download) -> None:
        row = download_row(download, 1, self._session.cipher)
        async with self._session.step() as step:
            await _refuse_contradiction(step, download)
            await step.insert("downloads", row, kind="download")
        download.version = 1
        self._session.note(download)

    async def get(self, download_id: DownloadId) -> Download:
        found = await self._found("SELECT * FROM downloads WHERE id = $1", download_id)
        if not found:
            raise NotFound("download", download_id)
        return found[0]

    async def of_book(self, book_id: BookId) -> list[Download]:
        return await self._found(_OF_BOOK, book_id)

    async def polled(self) -> list[Download]:
        return await self._found(_POLLED)

    async def ready_for_check(self) -> list[Download]:
        return await self._found(_READY)

    async def being_checked(self) -> list[Download]:
        return await self._found(_CHECKING)

    async def reserved(self) -> list[Download]:
        return await self._found(_RESERVED)

    async def sharing(self, reference: str, *, client_id: IntegrationId, besides: DownloadId) -> list[Download]:
        return await self._found(_SHARING, client_id, reference, besides)

    async def save(self, download: Download) -> None:
        row = changed_row(download, self._session.cipher)
        async with self._session.step() as step:
            await step.check_version("downloads", download.id, download.version, kind="download")
            await _refuse_contradiction(step, download)
            await step.replace("downloads", row, kind="download")
        download.version += 1
        self._session.note(download)

    async def remove(self, download_id: DownloadId) -> None:
        async with self._session.step() as step:
            await step.rows("DELETE FROM downloads WHERE id = $1", download_id)

    async def _found(self, sql: str, *values: Any) -> list[Download]:
        rows = await self._session.rows(sql, *values)
        return [readable_download(row, self._session.cipher) for row in rows]


async def _refuse_contradiction(step: Step, download: Download) -> None:
    if download.book_id is None:
        return
    if not await step.rows("SELECT 1 FROM books WHERE id = $1", download.book_id):
        raise NotFound("book", download.book_id)
    values = (download.book_id, release_key(download.release), download.id)
    if download.status is not DownloadStatus.FAILED and await step.rows(_SAME_GRAB, *values):
        raise AlreadyExists("download", download.title)


_OPEN = "SELECT * FROM imports WHERE state NOT IN ('done', 'failed') ORDER BY created_at, id"
_OPEN_OF_BOOK = "SELECT 1 FROM imports WHERE book_id = $1 AND state NOT IN ('done', 'failed')"


class PostgresImportJobs:
    """Keeps the imports of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, job: ImportJob) -> None:
        async with self._session.step() as step:
            if job.is_open and await step.rows(_OPEN_OF_BOOK, job.book_id):
                raise AlreadyExists("pending import", job.book_id)
            await step.insert("imports", import_row(job, version=1), kind="import")
        job.version = 1
        self._session.note(job)

    async def get(self, import_id: ImportId) -> ImportJob:
        found = await self._found("SELECT * FROM imports WHERE id = $1", import_id)
        if not found:
            raise NotFound("import", import_id)
        return found[0]

    async def open(self) -> list[ImportJob]:
        return await self._found(_OPEN)

    async def save(self, job: ImportJob) -> None:
        async with self._session.step() as step:
            await step.replace("imports", import_row(job, version=job.version + 1), kind="import")
        job.version += 1
        self._session.note(job)

    async def _found(self, sql: str, *values: Any) -> list[ImportJob]:
        return [import_from(row) for row in await self._session.rows(sql, *values)]
