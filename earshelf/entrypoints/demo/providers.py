"""Simulated metadata providers: Audible's catalogue and Audnexus, both knowing the same composed books."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback


@dataclass(frozen=True, slots=True)
class DemoBook:
    """An audiobook that exists nowhere else."""

    asin: str = "B0LANTERN7"
    title: str = "The Lantern Keeper"
    author: str = "Imogen Ashdown"
    narrator: str = "Piers Holloway"
    series: str = "Saltmarsh Stories"
    number: int = 2
    minutes: int = 431
    language: str = "english"
    isbn: str = "9790000000021"
    genre: str = "Maritime Fiction"


class AudibleSimulator(Loopback):
    """Answers searches and look-ups as the catalogue of any region; ``searches`` and ``lookups`` record them.

    ``stubs`` are ASINs that it answers with nothing but the ASIN, as the real one does for some unknown products.
    """

    def __init__(
        self, books: Sequence[DemoBook] = (DemoBook(),), *, stubs: Collection[str] = (), port: int = 0
    ) -> None:
        self._books = tuple(books)
        self._stubs = frozenset(stubs)
        self.searches: list[str] = []
        self.lookups: list[str] = []
        products = "/1.0/catalog/products"
        super().__init__([web.get(products, self._search), web.get(products + "/{asin}", self._product)], port=port)

    async def _search(self, request: web.Request) -> web.Response:
        keywords = request.query.get("keywords", "")
        self.searches.append(keywords)
        most = int(request.query.get("num_results", "10"))
        words = keywords.casefold().split()
        hits = [book for book in self._books if all(word in _searchable(book) for word in words)][:most]
        return web.json_response({"products": [_product(book) for book in hits], "total_results": len(hits)})

    async def _product(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        self.lookups.append(asin)
        book = next((book for book in self._books if book.asin == asin), None)
        if book is not None:
            return web.json_response({"product": _product(book)})
        stub = {"product": {"asin": asin}} if asin in self._stubs else {}
        return web.json_response({**stub, "response_groups": ["always-returned"]})


class AudnexusSimulator(Loopback):
    """Answers look-ups by ASIN; ``lookups`` records them."""

    def __init__(self, books: Sequence[DemoBook] = (DemoBook(),), *, port: int = 0) -> None:
        self._books = tuple(books)
        self.lookups: list[str] = []
        super().__init__([web.get("/books/{asin}", self._book)], port=port)

    async def _book(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        self.lookups.append(asin)
        book = next((book for book in self._books if book.asin == asin), None)
        if book is None:
            return web.json_response({"statusCode": 404, "error": "Not Found"}, status=404)
        return web.json_response(_enriched(book))


def _searchable(book: DemoBook) -> str:
    return f"{book.title} {book.author} {book.narrator} {book.series} {book.asin}".casefold()


def _product(book: DemoBook) -> dict[str, Any]:
    return {
        "asin": book.asin,
        "title": f"{book.title}, Book {book.number}",
        "authors": [{"name": book.author, "asin": f"A{book.asin[1:]}"}],
        "narrators": [{"name": book.narrator}],
        "series": [{"title": book.series, "sequence": str(book.number)}],
        "publisher_name": "Saltmarsh Audio",
        "publisher_summary": f"<p><b>{book.author}</b> returns to the coast.</p>",
        "release_date": "2021-03-09",
        "language": book.language,
        "runtime_length_min": book.minutes,
        "format_type": "unabridged",
        "content_delivery_type": "SinglePartBook",
    }


def _enriched(book: DemoBook) -> dict[str, Any]:
    return {
        "asin": book.asin,
        "title": book.title,
        "authors": [{"name": book.author}],
        "narrators": [{"name": book.narrator}],
        "seriesPrimary": {"name": book.series, "position": str(book.number)},
        "genres": [{"name": book.genre, "type": "genre"}, {"name": "Lighthouses", "type": "tag"}],
        "isbn": book.isbn,
        "summary": f"<p>{book.author} returns to the coast.</p>",
        "releaseDate": "2021-03-09T00:00:00.000Z",
        "language": book.language,
        "runtimeLengthMin": book.minutes,
    }
