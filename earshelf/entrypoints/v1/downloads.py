"""Downloads of the public API."""

from typing import Any

from aiohttp import web

from earshelf.domain.downloads import Download
from earshelf.domain.ids import DownloadId
from earshelf.entrypoints.answers import answer, listed, percent, spelled_date
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.schemas import DownloadDto, list_of
from earshelf.ports.queries import Queries

DOWNLOAD_EXAMPLE = {
    "id": "dl_2Hq8tM4wXs7zCa1vBn5DkA",
    "title": "Project Hail Mary [B08G9PRS1K]",
    "status": "importing",
    "clientStatus": "completed",
    "pipelineStage": "importing",
    "book": {"id": "bk_3Qp9zJ2vTq-0aWc4hKxY1A"},
    "protocol": "usenet",
    "progress": 100,
    "addedAt": "2026-06-22T14:30:00.000Z",
    "completedAt": "2026-06-22T14:52:11.000Z",
    "errorMessage": None,
}

ROUTES = (
    Route(
        "GET",
        "/downloads",
        "page",
        "List downloads",
        "downloads",
        {200: Answer("A page of downloads", list_of(DownloadDto), {"data": [DOWNLOAD_EXAMPLE], "total": 1})},
        description="Newest first.",
        query=PagingQuery(),
    ),
    Route(
        "GET",
        "/downloads/{download_id}",
        "one",
        "Get a download",
        "downloads",
        {200: Answer("The download", DownloadDto, DOWNLOAD_EXAMPLE)},
    ),
)


class Downloads:
    """Answers the routes of downloads."""

    def __init__(self, *, queries: Queries) -> None:
        self._queries = queries

    async def page(self, call: Call) -> web.Response:
        """Lists downloads."""
        page = await self._queries.downloads(window(call.query))
        return listed([download_dto(row) for row in page.rows], page.total)

    async def one(self, call: Call) -> web.Response:
        """Shows one download."""
        return answer(download_dto(await self._queries.download(DownloadId(call.ids["download_id"]))))


def download_dto(download: Download) -> dict[str, Any]:
    """Spells a download."""
    return {
        "id": download.id,
        "title": download.title,
        "status": download.status.value,
        "clientStatus": download.client_status.value,
        "pipelineStage": download.stage.value,
        "book": {"id": download.book_id} if download.book_id else None,
        "protocol": download.protocol.value,
        "progress": percent(download.progress),
        "addedAt": spelled_date(download.added_at),
        "completedAt": spelled_date(download.completed_at) if download.completed_at else None,
        "errorMessage": download.error_message,
    }
