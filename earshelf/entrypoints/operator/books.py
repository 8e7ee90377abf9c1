"""Books as the operator sees them: everything known, and search and grab in one step."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.ids import BookId
from earshelf.domain.usecases.searching import Searching
from earshelf.entrypoints.answers import answer, plain, spelled_date
from earshelf.entrypoints.operator.downloads import DOWNLOAD_EXAMPLE, DownloadDetails, download_dto
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, refusal
from earshelf.entrypoints.operator.schemas import Flag, Named, count, date, nullable_count, nullable_text, one_of, text
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.storage import Storage


class AuthorDetails(Named):
    """An author with the provider's id."""

    asin = nullable_text()


class SeriesPlace(Named):
    """A series and the book's place in it."""

    position = fields.Float(required=True, allow_none=True)


class AudioFile(Schema):
    """One audio file."""

    path = text(metadata={"description": "Relative to the book's folder"})
    size = count(metadata={"description": "Bytes"})
    seconds = fields.Float(required=True, allow_none=True, metadata={"description": "null if it cannot be read"})
    format = text()


class BookDetails(Schema):
    """Everything known of a book."""

    id = text()
    title = text()
    subtitle = nullable_text()
    status = one_of(BookStatus)
    asin = nullable_text()
    isbn = nullable_text()
    authors = fields.List(fields.Nested(AuthorDetails), required=True)
    narrators = fields.List(fields.Nested(Named), required=True)
    series = fields.Nested(SeriesPlace, required=True, allow_none=True)
    description = nullable_text()
    publisher = nullable_text()
    published_date = nullable_text()
    language = nullable_text()
    genres = fields.List(fields.String(), required=True)
    runtime_minutes = nullable_count(metadata={"description": "As the provider says"})
    cover_url = nullable_text()
    folder = nullable_text()
    size = nullable_count(metadata={"description": "Bytes of all files"})
    seconds = fields.Float(required=True, allow_none=True, metadata={"description": "Playing time"})
    files = fields.List(fields.Nested(AudioFile), required=True)
    created_at = date()
    updated_at = date()


class GrabOutcome(Schema):
    """What searching and grabbing came to; without a download nothing safe was found."""

    download = fields.Nested(DownloadDetails, required=True, allow_none=True)
    created = Flag(required=True, metadata={"description": "false where the download was there before"})


_BOOK_EXAMPLE = {
    "id": "bk_3Qp9zJ2vTq-0aWc4hKxY1A",
    "title": "Project Hail Mary",
    "subtitle": None,
    "status": "imported",
    "asin": "B08G9PRS1K",
    "isbn": None,
    "authors": [{"id": "au_7Kx2mQf0Rk6tYb1uNw8ZpA", "name": "Andy Weir", "asin": "B00G0WYW92"}],
    "narrators": [{"id": "nr_Lp4VnS5dEg9jHc2oXi7UrQ", "name": "Ray Porter"}],
    "series": None,
    "description": "A lone astronaut must save the earth.",
    "publisher": "Audible Studios",
    "published_date": "2021-05-04",
    "language": "english",
    "genres": ["Science Fiction"],
    "runtime_minutes": 970,
    "cover_url": None,
    "folder": "/library/Andy Weir/Project Hail Mary",
    "size": 491520000,
    "seconds": 58252.4,
    "files": [{"path": "Project Hail Mary.m4b", "size": 491520000, "seconds": 58252.4, "format": "m4b"}],
    "created_at": "2026-06-22T14:20:00.000Z",
    "updated_at": "2026-06-22T14:53:00.000Z",
}

ROUTES = (
    Route(
        "GET",
        "/books/{book_id}",
        "one",
        "Get everything known of a book",
        "books",
        {200: Answer("The book", BookDetails, _BOOK_EXAMPLE)},
    ),
    Route(
        "POST",
        "/books/{book_id}/search",
        "search",
        "Search for a book and grab the best release",
        "books",
        {
            200: Answer("What it came to", GrabOutcome, {"download": DOWNLOAD_EXAMPLE, "created": True}),
            400: refusal("VALIDATION_ERROR", "Search query is empty after normalization", "Nothing is searchable"),
            409: refusal(CONFLICT, "A search for this book is already in progress", "Search or download under way"),
            502: refusal(UPSTREAM, "Seedbox: no connection", "The download client or the tracker did not do its part"),
            504: refusal("UPSTREAM_TIMEOUT", "Search exceeded its time budget", "Indexers or client took too long"),
        },
    ),
)


class Books:
    """Answers the routes of books."""

    def __init__(self, *, storage: Storage, searching: Searching) -> None:
        self._storage = storage
        self._searching = searching

    async def one(self, call: Call) -> web.Response:
        """Shows one book."""
        async with self._storage.unit() as unit:
            book = await unit.books.get(BookId(call.ids["book_id"]))
        return answer(_book_dto(book))

    async def search(self, call: Call) -> web.Response:
        """Searches for a book and grabs the best release."""
        grab = await self._searching.grab_best(BookId(call.ids["book_id"]))
        if grab is None:
            return answer({"download": None, "created": False})
        return answer({"download": download_dto(grab.download), "created": grab.created})


def _book_dto(book: Book) -> dict[str, Any]:
    return {
        "id": book.id,
        "title": book.title,
        "subtitle": book.subtitle,
        "status": book.status.value,
        "asin": book.asin,
        "isbn": book.isbn,
        "authors": [{"id": one.id, "name": one.name, "asin": one.asin} for one in book.authors],
        "narrators": [{"id": one.id, "name": one.name} for one in book.narrators],
        "series": _series_dto(book),
        "description": book.description,
        "publisher": book.publisher,
        "published_date": book.published_date,
        "language": book.language,
        "genres": list(book.genres),
        "runtime_minutes": book.runtime_minutes,
        "cover_url": book.cover_url,
        "folder": book.folder,
        "size": book.size,
        "seconds": book.seconds,
        "files": [
            {"path": file.path, "size": file.size, "seconds": file.seconds, "format": file.format}
            for file in book.files
        ],
        "created_at": spelled_date(book.created_at),
        "updated_at": spelled_date(book.updated_at),
    }


def _series_dto(book: Book) -> dict[str, Any] | None:
    if book.series is None:
        return None
    series, position = book.series.series, book.series.position
    return {"id": series.id, "name": series.name, "position": None if position is None else plain(position)}
