"""Books of the public API: list, inspect, add by ASIN."""

from typing import Any

from aiohttp import web

from earshelf.domain.ids import BookId
from earshelf.domain.usecases.cataloguing import Cataloguing
from earshelf.entrypoints.answers import answer, listed, plain
from earshelf.entrypoints.paging import window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.errors import refusal
from earshelf.entrypoints.v1.schemas import BookDto, BooksQuery, ConflictEnvelope, NewBook, list_of
from earshelf.ports.queries import BookFilter, BookRow, Queries

BOOK_EXAMPLE = {
    "id": "bk_3Qp9zJ2vTq-0aWc4hKxY1A",
    "title": "Project Hail Mary",
    "authors": [{"id": "au_7Kx2mQf0Rk6tYb1uNw8ZpA", "name": "Andy Weir"}],
    "narrators": [{"id": "nr_Lp4VnS5dEg9jHc2oXi7UrQ", "name": "Ray Porter"}],
    "series": None,
    "status": "imported",
}
_EXISTS = {
    "error": {"code": "book_exists", "message": "A book with this ASIN already exists"},
    "existingId": BOOK_EXAMPLE["id"],
}

ROUTES = (
    Route(
        "GET",
        "/books",
        "page",
        "List books",
        "books",
        {200: Answer("A page of books", list_of(BookDto), {"data": [BOOK_EXAMPLE], "total": 1})},
        description="Filters combine with AND. Books without the sorted value come last in both directions.",
        query=BooksQuery(),
    ),
    Route(
        "POST",
        "/books",
        "add",
        "Add a book by ASIN",
        "books",
        {
            201: Answer("The book is on the wanted list", BookDto, BOOK_EXAMPLE | {"status": "wanted"}),
            409: Answer("`book_exists`: the library has a book with this ASIN", ConflictEnvelope, _EXISTS),
            422: refusal(
                "asin_not_resolved",
                "ASIN not resolved",
                "`asin_not_resolved`, `invalid_record` (the provider's record lacks title or author) or "
                "`edition_rejected` (the edition matches the owner's reject words)",
            ),
            429: refusal(
                "rate_limited",
                "Provider rate limited",
                "The metadata provider is throttling",
                Retry_After="Whole seconds to wait",
            ),
            502: refusal("provider_unavailable", "Provider lookup failed", "The metadata provider is away or broken"),
            504: refusal("provider_timeout", "Provider request timed out", "The metadata provider did not answer"),
        },
        description="Everything but the ASIN comes from the metadata provider.",
        body=NewBook(),
        body_example={"asin": "B08G9PRS1K"},
    ),
    Route(
        "GET",
        "/books/{book_id}",
        "one",
        "Get a book",
        "books",
        {200: Answer("The book", BookDto, BOOK_EXAMPLE)},
    ),
)


class Books:
    """Answers the routes of books."""

    def __init__(self, *, queries: Queries, cataloguing: Cataloguing) -> None:
        self._queries = queries
        self._cataloguing = cataloguing

    async def page(self, call: Call) -> web.Response:
        """Lists books."""
        query = call.query
        only = BookFilter(
            status=query.get("status"),
            author=query.get("author") or None,
            series=query.get("series") or None,
            narrator=query.get("narrator") or None,
        )
        ascending = query["sortDirection"] == "asc"
        page = await self._queries.books(window(query), only=only, sort=query["sortField"], ascending=ascending)
        return listed([book_dto(row) for row in page.rows], page.total)

    async def one(self, call: Call) -> web.Response:
        """Shows one book."""
        return answer(book_dto(await self._queries.book(BookId(call.ids["book_id"]))))

    async def add(self, call: Call) -> web.Response:
        """Adds a book."""
        book = await self._cataloguing.add_by_asin(call.body["asin"])
        return answer(book_dto(await self._queries.book(book.id)), 201)


def book_dto(row: BookRow) -> dict[str, Any]:
    """Spells a book."""
    book_id, title, authors, narrators, series_name, position, status = row
    return {
        "id": book_id,
        "title": title,
        "authors": authors,
        "narrators": narrators,
        "series": {"name": series_name, "position": _plain(position)} if series_name else None,
        "status": status,
    }


def _plain(position: float | None) -> float | None:
    return None if position is None else plain(position)
