"""Books and the names they share, in memory."""

from dataclasses import replace
from typing import TypeVar

from earshelf.adapters.memory.tables import Name, Session, Tables
from earshelf.domain.books import Author, Book, BookStatus, Narrator, Series, person_key
from earshelf.domain.errors import AlreadyExists, BookExists, NotFound
from earshelf.domain.ids import BookId
from earshelf.domain.metadata import canonical_asin
from earshelf.domain.paths import lineage
from earshelf.ports.queries import PersonKind

NameT = TypeVar("NameT", Author, Narrator, Series)


def current(book: Book, tables: Tables) -> Book:
    """Returns a copy of a stored book that nobody else holds, with its people as they are known today."""
    return replace(
        book,
        authors=tuple(_known(author, tables) for author in book.authors),
        narrators=tuple(_known(narrator, tables) for narrator in book.narrators),
        series=replace(book.series, series=_known(book.series.series, tables)) if book.series else None,
        _events=[],
    )


def _known(name: NameT, tables: Tables) -> NameT:
    stored = tables.names[name.id]
    assert isinstance(stored, type(name))
    return stored


class MemoryBooks:
    """Keeps the books of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, book: Book) -> None:
        tables = await self._session.tables()
        if book.id in tables.books:
            raise AlreadyExists("book", book.id)
        self._store(book, tables, version=1)

    async def get(self, book_id: BookId) -> Book:
        tables = await self._session.tables()
        if book_id not in tables.books:
            raise NotFound("book", book_id)
        return current(tables.books[book_id], tables)

    async def with_asin(self, asin: str) -> Book | None:
        tables = await self._session.tables()
        owner = owner_of(canonical_asin(asin), tables)
        return current(owner, tables) if owner else None

    async def claiming(self, folder: str, *, besides: BookId) -> Book | None:
        tables = await self._session.tables()
        around = set(lineage(folder))
        claims = [
            (book.folder, book.created_at, book.id)
            for book in tables.books.values()
            if book.folder and book.id != besides and (book.folder in around or folder in lineage(book.folder))
        ]
        return current(tables.books[min(claims)[2]], tables) if claims else None

    async def count_within(self, folder: str) -> int:
        tables = await self._session.tables()
        return sum(folder in lineage(book.folder) for book in tables.books.values() if book.folder)

    async def with_status(self, status: BookStatus, limit: int) -> list[Book]:
        tables = await self._session.tables()
        books = _oldest_first([book for book in tables.books.values() if book.status is status])
        return [current(book, tables) for book in books[:limit]]

    async def save(self, book: Book) -> None:
        tables = await self._session.tables()
        if book.id not in tables.books:
            raise NotFound("book", book.id)
        self._session.check_version("book", book.id, stored=tables.books[book.id].version, read=book.version)
        self._store(book, tables, version=book.version + 1)

    async def remove(self, book_id: BookId) -> None:
        tables = await self._session.tables()
        if tables.books.pop(book_id, None) is None:
            return
        for download in list(tables.downloads.values()):
            if download.book_id == book_id:
                tables.downloads[download.id] = replace(
                    download, book_id=None, version=download.version + 1, _events=[]
                )
        tables.log = [
            replace(logged, event=replace(logged.event, book_id=None)) if logged.event.book_id == book_id else logged
            for logged in tables.log
        ]

    def refuse_taken_asin(self, book: Book, tables: Tables) -> None:
        """Keeps an ASIN to one book."""
        owner = owner_of(canonical_asin(book.asin or ""), tables)
        if owner and owner.id != book.id:
            raise BookExists(owner.id)

    def _store(self, book: Book, tables: Tables, *, version: int) -> None:
        self.refuse_taken_asin(book, tables)
        _refuse_strangers(book, tables)
        book.version = version
        self._session.note(book)
        tables.books[book.id] = replace(
            book,
            authors=tuple({author.id: author for author in book.authors}.values()),
            narrators=tuple({narrator.id: narrator for narrator in book.narrators}.values()),
            _events=[],
        )


def owner_of(asin: str, tables: Tables) -> Book | None:
    """Returns the book that has this ASIN, which is in capitals already; nobody owns a blank one."""
    matches = (book for book in tables.books.values() if asin and canonical_asin(book.asin or "") == asin)
    return next(matches, None)


def _oldest_first(books: list[Book]) -> list[Book]:
    return sorted(books, key=lambda book: (book.created_at, book.id))


def _refuse_strangers(book: Book, tables: Tables) -> None:
    names: list[Name] = [*book.authors, *book.narrators]
    names += [book.series.series] if book.series else []
    for name in names:
        if name.id not in tables.names:
            raise NotFound(type(name).__name__.lower(), name.id)


class MemoryPeople:
    """Keeps authors, narrators and series of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ensure_author(self, author: Author) -> Author:
        stored = await self._ensure(PersonKind.AUTHOR, author)
        if stored.asin is None and author.asin is not None:
            stored = replace(stored, asin=author.asin)
            (await self._session.tables()).names[stored.id] = stored
        return stored

    async def ensure_narrator(self, narrator: Narrator) -> Narrator:
        return await self._ensure(PersonKind.NARRATOR, narrator)

    async def ensure_series(self, series: Series) -> Series:
        return await self._ensure(PersonKind.SERIES, series)

    async def _ensure(self, kind: PersonKind, name: NameT) -> NameT:
        tables = await self._session.tables()
        identifier = tables.name_ids.setdefault((kind, person_key(name.name)), name.id)
        stored = tables.names.setdefault(identifier, name)
        assert isinstance(stored, type(name))
        return stored
