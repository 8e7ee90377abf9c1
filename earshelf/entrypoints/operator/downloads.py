"""Downloads as the operator sees them: every field, and what can be done about them."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, Download, DownloadStatus, PipelineStage
from earshelf.domain.ids import DownloadId
from earshelf.domain.releases import Protocol
from earshelf.domain.usecases.grabbing import Grabbing
from earshelf.domain.usecases.reviewing import Reviewing
from earshelf.entrypoints.answers import answer, listed, nothing, percent, spelled_date
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, refusal
from earshelf.entrypoints.operator.schemas import Flag, date, list_of, nullable_count, nullable_text, one_of, text
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.queries import Queries


class DownloadDetails(Schema):
    """A download with everything that may be shown; its link may hold a passkey and is not."""

    id = text()
    title = text()
    status = one_of(DownloadStatus)
    client_status = one_of(ClientStatus)
    pipeline_stage = one_of(PipelineStage)
    book_id = nullable_text()
    book_status_at_grab = one_of(BookStatus)
    protocol = one_of(Protocol)
    progress = fields.Float(required=True, validate=validate.Range(min=0, max=100))
    size = nullable_count(metadata={"description": "Bytes, as the indexer says"})
    seeders = nullable_count()
    is_freeleech = Flag(required=True)
    info_hash = nullable_text()
    indexer_id = nullable_text()
    client_id = nullable_text()
    reference = nullable_text(metadata={"description": "The client's name for it"})
    output_path = nullable_text(metadata={"description": "As the client sees it"})
    error_message = nullable_text()
    added_at = date()
    progressed_at = date(allow_none=True)
    completed_at = date(allow_none=True)


DOWNLOAD_EXAMPLE = {
    "id": "dl_2Hq8tM4wXs7zCa1vBn5DkA",
    "title": "Project Hail Mary [B08G9PRS1K]",
    "status": "pending_review",
    "client_status": "completed",
    "pipeline_stage": "pending_review",
    "book_id": "bk_3Qp9zJ2vTq-0aWc4hKxY1A",
    "book_status_at_grab": "wanted",
    "protocol": "torrent",
    "progress": 100,
    "size": 491520000,
    "seeders": 42,
    "is_freeleech": False,
    "info_hash": "5b8d0c1f2a3e4d5c6b7a89900f1e2d3c4b5a6978",
    "indexer_id": "ix_8Yt5rE2wQk9uIo3pLm6NbA",
    "client_id": "dc_4Zx7cV1bNj0mKh8gFd2SaA",
    "reference": "5b8d0c1f2a3e4d5c6b7a89900f1e2d3c4b5a6978",
    "output_path": "/downloads/Project Hail Mary",
    "error_message": "'/downloads/Project Hail Mary' does not exist here; add a path mapping for client 'Seedbox'",
    "added_at": "2026-06-22T14:30:00.000Z",
    "progressed_at": "2026-06-22T14:52:11.000Z",
    "completed_at": "2026-06-22T14:52:11.000Z",
}
_FOUND = Answer("The download", DownloadDetails, DOWNLOAD_EXAMPLE)


def _not_now(wished: str) -> Answer:
    return refusal(
        CONFLICT,
        f"'dl_2Hq8tM4wXs7zCa1vBn5DkA' is downloading and cannot become {wished}",
        "Its present state does not allow it",
    )


_TROUBLE = {
    502: refusal(UPSTREAM, "Seedbox: no connection", "The download client did not do its part"),
    504: refusal("UPSTREAM_TIMEOUT", "Seedbox: did not answer within 15 s", "The download client did not answer"),
}


def _action(handler: str, summary: str, description: str, wished: str, trouble: dict[int, Answer]) -> Route:
    return Route(
        "POST",
        f"/downloads/{{download_id}}/{handler}",
        handler,
        summary,
        "downloads",
        {200: _FOUND, 409: _not_now(wished), **trouble},
        description=description,
    )


ROUTES = (
    Route(
        "GET",
        "/downloads",
        "page",
        "List downloads",
        "downloads",
        {200: Answer("Newest first", list_of(DownloadDetails), {"data": [DOWNLOAD_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route("GET", "/downloads/{download_id}", "one", "Get a download", "downloads", {200: _FOUND}),
    Route(
        "DELETE",
        "/downloads/{download_id}",
        "remove",
        "Forget a download that is over",
        "downloads",
        {204: Answer("The row is gone; the book stays"), 409: _not_now("forgotten")},
    ),
    _action("approve", "Let a held download into the library", "Starts the import.", "approved", {}),
    _action("reject", "End a held download", "The book is what it was; the files stay at the client.", "rejected", {}),
    _action("cancel", "Cancel a download", "Takes it out of its client, data included.", "cancelled", _TROUBLE),
    _action("retry", "Grab a failed download again", "Answers the new download.", "queued", _TROUBLE),
)


class Downloads:
    """Answers the routes of downloads."""

    def __init__(self, *, queries: Queries, reviewing: Reviewing, grabbing: Grabbing) -> None:
        self._queries = queries
        self._reviewing = reviewing
        self._grabbing = grabbing

    async def page(self, call: Call) -> web.Response:
        """Lists downloads."""
        page = await self._queries.downloads(window(call.query))
        return listed([download_dto(row) for row in page.rows], page.total)

    async def one(self, call: Call) -> web.Response:
        """Shows one download."""
        return answer(download_dto(await self._queries.download(_id(call))))

    async def approve(self, call: Call) -> web.Response:
        """Lets a held download into the library."""
        return answer(download_dto(await self._reviewing.approve(_id(call))))

    async def reject(self, call: Call) -> web.Response:
        """Ends a held download."""
        return answer(download_dto(await self._reviewing.reject(_id(call))))

    async def cancel(self, call: Call) -> web.Response:
        """Takes a download out of its client."""
        return answer(download_dto(await self._grabbing.cancel(_id(call))))

    async def retry(self, call: Call) -> web.Response:
        """Grabs a failed download's release again."""
        return answer(download_dto(await self._grabbing.retry(_id(call))))

    async def remove(self, call: Call) -> web.Response:
        """Forgets a download that is over."""
        await self._grabbing.forget(_id(call))
        return nothing()


def _id(call: Call) -> DownloadId:
    return DownloadId(call.ids["download_id"])


def download_dto(download: Download) -> dict[str, Any]:
    """Spells a download."""
    release = download.release
    return {
        "id": download.id,
        "title": download.title,
        "status": download.status.value,
        "client_status": download.client_status.value,
        "pipeline_stage": download.stage.value,
        "book_id": download.book_id,
        "book_status_at_grab": download.book_status_at_grab.value,
        "protocol": download.protocol.value,
        "progress": percent(download.progress),
        "size": release.size,
        "seeders": release.seeders,
        "is_freeleech": release.is_freeleech,
        "info_hash": download.info_hash or release.info_hash,
        "indexer_id": release.indexer_id,
        "client_id": download.client_id,
        "reference": download.reference,
        "output_path": download.output_path,
        "error_message": download.error_message,
        "added_at": spelled_date(download.added_at),
        "progressed_at": spelled_date(download.progressed_at) if download.progressed_at else None,
        "completed_at": spelled_date(download.completed_at) if download.completed_at else None,
    }
