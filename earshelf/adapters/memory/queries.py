"""Lists and pages over the memory tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from earshelf.adapters.memory.books import current, owner_of
from earshelf.adapters.memory.downloads import copied
from earshelf.adapters.memory.tables import MemoryTables, Name
from earshelf.domain.books import Author, Book, Narrator, Series, title_sort_key
from earshelf.domain.downloads import Download
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BookId, DownloadId
from earshelf.domain.metadata import canonical_asin
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import (
    SORTED_CHARACTERS,
    BookFilter,
    BookRow,
    BookSort,
    NameRow,
    OwnedBook,
    Page,
    PersonKind,
    Window,
)

RowT = TypeVar("RowT")

_KINDS: Mapping[PersonKind, type[Name]] = {
    PersonKind.AUTHOR: Author,
    PersonKind.NARRATOR: Narrator,
    PersonKind.SERIES: Series,
}


class MemoryQueries:
    """Answers from the committed tables, whatever a unit is doing meanwhile."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables

    async def books(self, window: Window, *, only: BookFilter, sort: BookSort, ascending: bool) -> Page[BookRow]:
        tables = self._tables.committed
        books = [current(book, tables) for book in tables.books.values() if _admits(only, book)]
        page = _cut(self.ordered(books, sort, ascending=ascending), window)
        return Page([_book_row(book) for book in page.rows], page.total)

    async def book(self, book_id: BookId) -> BookRow:
        tables = self._tables.committed
        if book_id not in tables.books:
            raise NotFound("book", book_id)
        return _book_row(current(tables.books[book_id], tables))

    async def owned(self, asins: Sequence[str]) -> Mapping[str, OwnedBook]:
        tables = self._tables.committed
        owners = {asin: owner_of(asin, tables) for asin in map(canonical_asin, asins)}
        return {asin: OwnedBook(book.id, book.status) for asin, book in owners.items() if book}

    async def names(self, kind: PersonKind, window: Window) -> Page[NameRow]:
        rows = [_name_row(name) for name in self._tables.committed.names.values() if type(name) is _KINDS[kind]]
        return _cut(sorted(rows, key=lambda row: (_cut_short(row["name"]), row["id"])), window)

    async def name(self, kind: PersonKind, identifier: str) -> NameRow:
        name = self._tables.committed.names.get(identifier)
        if type(name) is not _KINDS[kind]:
            raise NotFound(kind.value, identifier)
        return _name_row(name)

    async def downloads(self, window: Window) -> Page[Download]:
        rows = [copied(download) for download in self._tables.committed.downloads.values()]
        return _cut(sorted(rows, key=lambda row: (row.added_at, row.id), reverse=True), window)

    async def download(self, download_id: DownloadId) -> Download:
        downloads = self._tables.committed.downloads
        if download_id not in downloads:
            raise NotFound("download", download_id)
        return copied(downloads[download_id])

    async def history(self, window: Window, *, book_id: BookId | None = None) -> Page[LoggedEvent]:
        log = self._tables.committed.log
        return _cut([one for one in reversed(log) if book_id in (None, one.event.book_id)], window)

    def ordered(self, books: list[Book], sort: BookSort, *, ascending: bool) -> list[Book]:
        """Returns books in the wished order; sorting is stable, so the weakest key goes first."""
        key = _KEYS[sort]
        books = self.tied(books, ascending=ascending)
        if sort is BookSort.SERIES:
            books.sort(key=_series_place)
        valued = sorted((book for book in books if key(book) is not None), key=key, reverse=not ascending)
        return valued + [book for book in books if key(book) is None]

    def tied(self, books: list[Book], *, ascending: bool) -> list[Book]:
        """Returns books in the order that holds where everything else is equal."""
        return sorted(books, key=lambda book: book.id, reverse=not ascending)


def _cut(rows: Sequence[RowT], window: Window) -> Page[RowT]:
    return Page(rows[window.offset : window.offset + window.limit], len(rows))


def _name_row(name: Name) -> NameRow:
    return NameRow(id=name.id, name=name.name)


def _book_row(book: Book) -> BookRow:
    return BookRow(
        id=book.id,
        title=book.title,
        authors=[_name_row(author) for author in book.authors],
        narrators=[_name_row(narrator) for narrator in book.narrators],
        series_name=book.series.series.name if book.series else None,
        series_position=book.series.position if book.series else None,
        status=book.status,
    )


def _admits(only: BookFilter, book: Book) -> bool:
    series = [book.series.series] if book.series else []
    return (
        only.status in (None, book.status)
        and _is_named(only.author, book.authors)
        and _is_named(only.narrator, book.narrators)
        and _is_named(only.series, series)
    )


def _is_named(wished: str | None, names: Sequence[Name]) -> bool:
    return wished is None or any(name.name.casefold() == wished.casefold() for name in names)


def _first_name(names: Sequence[Name]) -> str | None:
    return _cut_short(names[0].name.casefold()) if names else None


def _cut_short(text: str) -> str:
    return text[:SORTED_CHARACTERS]


def _series_place(book: Book) -> float:
    position = book.series.position if book.series else None
    return float("inf") if position is None else position


def _quality(book: Book) -> float | None:
    return book.size / book.seconds if book.size and book.seconds else None


_KEYS: Mapping[BookSort, Callable[[Book], Any]] = {
    BookSort.CREATED_AT: lambda book: book.created_at,
    BookSort.TITLE: lambda book: _cut_short(title_sort_key(book.title)),
    BookSort.AUTHOR: lambda book: _first_name(book.authors),
    BookSort.NARRATOR: lambda book: _first_name(book.narrators),
    BookSort.SERIES: lambda book: _first_name([book.series.series] if book.series else []),
    BookSort.QUALITY: _quality,
    BookSort.SIZE: lambda book: book.size,
    BookSort.FORMAT: lambda book: _cut_short(book.files[0].format) if book.files else None,
}
