"""Books and the names they share, in SQLite."""

import json
from collections.abc import Sequence
from typing import Any

from earshelf.adapters.rows.books import asin_key, book_from, book_row, credit_rows, name_row, span_within
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, check_version, insert, replace_row, spelled
from earshelf.domain.books import Author, Book, BookStatus, Narrator, Series
from earshelf.domain.errors import BookExists, NotFound
from earshelf.domain.ids import BookId
from earshelf.domain.paths import lineage
from earshelf.ports.queries import PersonKind

_CREDITS = """
SELECT credits.kind, credits.name_id, names.name, names.asin
FROM credits JOIN names ON names.id = credits.name_id
WHERE credits.book_id = ? ORDER BY credits.kind, credits.place
"""
_WITH_ASIN = "SELECT * FROM books WHERE asin_key = ?"
# two looks into one index: a single condition with OR would read every book
_CLAIMING = """
SELECT * FROM (
    SELECT * FROM books WHERE folder IN (SELECT value FROM json_each(?1)) AND id <> ?2
    UNION ALL
    SELECT * FROM books WHERE folder > ?3 AND folder < ?4 AND id <> ?2
) ORDER BY folder, created_at, id LIMIT 1
"""
_COUNT_WITHIN = "SELECT count(*) FROM books WHERE folder = ?1 OR (folder > ?2 AND folder < ?3)"
_WITH_STATUS = "SELECT * FROM books WHERE status = ? ORDER BY created_at, id LIMIT ?"
_CREDITED = "SELECT kind, place, name_id, created_at FROM credits WHERE book_id = ?"
_OWNER = "SELECT id FROM books WHERE asin_key = ? AND id <> ?"


class SqliteBooks:
    """Keeps the books of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, book: Book) -> None:
        await self._session.run(lambda database: _add(database, book))
        book.version = 1
        self._session.note(book)

    async def get(self, book_id: BookId) -> Book:
        found = await self._session.run(lambda database: _books(database, "SELECT * FROM books WHERE id = ?", book_id))
        if not found:
            raise NotFound("book", book_id)
        return found[0]

    async def with_asin(self, asin: str) -> Book | None:
        found = await self._session.run(lambda database: _books(database, _WITH_ASIN, asin_key(asin)))
        return found[0] if found else None

    async def claiming(self, folder: str, *, besides: BookId) -> Book | None:
        values = (json.dumps(lineage(folder)), besides, *span_within(folder))
        found = await self._session.run(lambda database: _books(database, _CLAIMING, *values))
        return found[0] if found else None

    async def count_within(self, folder: str) -> int:
        values = (folder, *span_within(folder))
        row = await self._session.run(lambda database: database.execute(_COUNT_WITHIN, values).fetchone())
        return int(row[0])

    async def with_status(self, status: BookStatus, limit: int) -> list[Book]:
        return await self._session.run(lambda database: _books(database, _WITH_STATUS, status.value, limit))

    async def save(self, book: Book) -> None:
        await self._session.run(lambda database: _save(database, book))
        book.version += 1
        self._session.note(book)

    async def remove(self, book_id: BookId) -> None:
        await self._session.run(lambda database: _remove(database, book_id))


def _books(database: Database, sql: str, *values: Any) -> list[Book]:
    rows = database.execute(sql, values).fetchall()
    return [book_from(row, database.execute(_CREDITS, (row["id"],)).fetchall()) for row in rows]


def _add(database: Database, book: Book) -> None:
    _refuse_taken_asin(database, book)
    credited = _known_credits(database, book)
    insert(database, "books", book_row(book, version=1), kind="book")
    database.table("credits").insert_all(credited)


def _save(database: Database, book: Book) -> None:
    check_version(database, "books", book.id, book.version, kind="book")
    _refuse_taken_asin(database, book)
    credited = _known_credits(database, book)
    replace_row(database, "books", book_row(book, version=book.version + 1))
    if _credited(database, book.id) != {_credit_key(credit) for credit in credited}:
        database.table("credits").delete_where("book_id = ?", [book.id])
        database.table("credits").insert_all(credited)


def _remove(database: Database, book_id: BookId) -> None:
    # whoever holds one of these downloads must learn that its book is gone
    database.execute("UPDATE downloads SET book_id = NULL, version = version + 1 WHERE book_id = ?", (book_id,))
    database.execute("UPDATE event_log SET book_id = NULL WHERE book_id = ?", (book_id,))
    database.table("credits").delete_where("book_id = ?", [book_id])
    database.table("books").delete_where("id = ?", [book_id])


def _refuse_taken_asin(database: Database, book: Book) -> None:
    owner = database.execute(_OWNER, (asin_key(book.asin), book.id)).fetchone()
    if owner:
        raise BookExists(owner["id"])


def _known_credits(database: Database, book: Book) -> list[dict[str, Any]]:
    """Spells the credits, after a look whether everybody credited is there."""
    credited = [spelled(credit) for credit in credit_rows(book)]
    for credit in credited:
        if not database.execute("SELECT 1 FROM names WHERE id = ?", (credit["name_id"],)).fetchone():
            raise NotFound(credit["kind"], credit["name_id"])
    return credited


def _credited(database: Database, book_id: BookId) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in database.execute(_CREDITED, (book_id,))}


def _credit_key(credit: dict[str, Any]) -> tuple[Any, ...]:
    return credit["kind"], credit["place"], credit["name_id"], credit["created_at"]


class SqlitePeople:
    """Keeps authors, narrators and series of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def ensure_author(self, author: Author) -> Author:
        row = await self._ensure(PersonKind.AUTHOR, author.id, author.name, author.asin)
        return Author(*row)

    async def ensure_narrator(self, narrator: Narrator) -> Narrator:
        identifier, name, _ = await self._ensure(PersonKind.NARRATOR, narrator.id, narrator.name)
        return Narrator(identifier, name)

    async def ensure_series(self, series: Series) -> Series:
        identifier, name, _ = await self._ensure(PersonKind.SERIES, series.id, series.name)
        return Series(identifier, name)

    async def _ensure(self, kind: PersonKind, identifier: str, name: str, asin: str | None = None) -> Sequence[Any]:
        row = name_row(kind, identifier, name, asin)
        return await self._session.run(lambda database: _ensured(database, row))


_ENSURE = """
INSERT INTO names (id, kind, name, sort_name, name_key, person_key, asin)
VALUES (:id, :kind, :name, :sort_name, :name_key, :person_key, :asin)
ON CONFLICT (kind, person_key) DO UPDATE SET asin = coalesce(asin, excluded.asin)
RETURNING id, name, asin
"""


def _ensured(database: Database, row: dict[str, Any]) -> Sequence[Any]:
    (stored,) = database.execute(_ENSURE, row).fetchall()
    return tuple(stored)
