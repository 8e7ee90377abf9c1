"""Downloads and imports, in SQLite."""

from typing import Any

from earshelf.adapters.rows.downloads import (
    changed_row,
    download_row,
    import_from,
    import_row,
    readable_download,
    release_key,
)
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, check_version, insert, replace_row
from earshelf.domain.downloads import Download, DownloadStatus
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import BookId, DownloadId, ImportId, IntegrationId
from earshelf.domain.imports import ImportJob

_OF_BOOK = "SELECT * FROM downloads WHERE book_id = ? ORDER BY added_at DESC, id DESC"
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
WHERE client_id = ? AND lower(coalesce(reference, info_hash)) = lower(?) AND id <> ?
    AND stage <> 'imported' AND NOT (client_status = 'failed' AND stage = 'idle')
ORDER BY added_at, id
"""
_SAME_GRAB = """
SELECT 1 FROM downloads
WHERE book_id = ? AND release_key = ? AND id <> ? AND NOT (client_status = 'failed' AND stage = 'idle')
"""


class SqliteDownloads:
    """Keeps the downloads of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, download: Download) -> None:
        row = download_row(download, 1, self._session.cipher)
        await self._session.run(lambda database: _add(database, download, row))
        download.version = 1
        self._session.note(download)

    async def get(self, download_id: DownloadId) -> Download:
        found = await self._found("SELECT * FROM downloads WHERE id = ?", download_id)
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
        await self._session.run(lambda database: _save(database, download, row))
        download.version += 1
        self._session.note(download)

    async def remove(self, download_id: DownloadId) -> None:
        await self._session.run(lambda database: database.table("downloads").delete_where("id = ?", [download_id]))

    async def _found(self, sql: str, *values: Any) -> list[Download]:
        rows = await self._session.run(lambda database: database.execute(sql, values).fetchall())
        return [readable_download(row, self._session.cipher) for row in rows]


def _add(database: Database, download: Download, row: dict[str, Any]) -> None:
    _refuse_contradiction(database, download)
    insert(database, "downloads", row, kind="download")


def _save(database: Database, download: Download, row: dict[str, Any]) -> None:
    check_version(database, "downloads", download.id, download.version, kind="download")
    _refuse_contradiction(database, download)
    replace_row(database, "downloads", row)


def _refuse_contradiction(database: Database, download: Download) -> None:
    if download.book_id is None:
        return
    if not database.execute("SELECT 1 FROM books WHERE id = ?", (download.book_id,)).fetchone():
        raise NotFound("book", download.book_id)
    values = (download.book_id, release_key(download.release), download.id)
    if download.status is not DownloadStatus.FAILED and database.execute(_SAME_GRAB, values).fetchone():
        raise AlreadyExists("download", download.title)


class SqliteImportJobs:
    """Keeps the imports of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, job: ImportJob) -> None:
        await self._session.run(lambda database: _add_job(database, job))
        job.version = 1
        self._session.note(job)

    async def get(self, import_id: ImportId) -> ImportJob:
        found = await self._found("SELECT * FROM imports WHERE id = ?", import_id)
        if not found:
            raise NotFound("import", import_id)
        return found[0]

    async def open(self) -> list[ImportJob]:
        return await self._found("SELECT * FROM imports WHERE state NOT IN ('done', 'failed') ORDER BY created_at, id")

    async def save(self, job: ImportJob) -> None:
        await self._session.run(lambda database: _save_job(database, job))
        job.version += 1
        self._session.note(job)

    async def _found(self, sql: str, *values: Any) -> list[ImportJob]:
        rows = await self._session.run(lambda database: database.execute(sql, values).fetchall())
        return [import_from(row) for row in rows]


_OPEN_OF_BOOK = "SELECT 1 FROM imports WHERE book_id = ? AND state NOT IN ('done', 'failed')"


def _add_job(database: Database, job: ImportJob) -> None:
    if job.is_open and database.execute(_OPEN_OF_BOOK, (job.book_id,)).fetchone():
        raise AlreadyExists("pending import", job.book_id)
    insert(database, "imports", import_row(job, version=1), kind="import")


def _save_job(database: Database, job: ImportJob) -> None:
    check_version(database, "imports", job.id, job.version, kind="import")
    replace_row(database, "imports", import_row(job, version=job.version + 1))
