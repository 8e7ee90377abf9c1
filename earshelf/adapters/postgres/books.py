"""Books and the names they share, in PostgreSQL."""

from typing import Any

from earshelf.adapters.postgres.session import PostgresSession, Step
from earshelf.adapters.rows.books import asin_key, book_from, book_row, credit_rows, name_row, span_within
from earshelf.adapters.rows.values import Row
from earshelf.domain.books import Author, Book, BookStatus, Narrator, Series
from earshelf.domain.errors import BookExists, NotFound
from earshelf.domain.ids import BookId
from earshelf.domain.paths import lineage
from earshelf.ports.queries import PersonKind

_CREDITS = """
SELECT credits.book_id, credits.kind, credits.name_id, names.name, names.asin
FROM credits JOIN names ON names.id = credits.name_id
WHERE credits.book_id = ANY($1::text[]) ORDER BY credits.book_id, credits.kind, credits.place
"""
_WITH_ASIN = "SELECT * FROM books WHERE asin_key = $1"
# two looks into the index, which holds the first 500 characters: what lies in a folder, and the folders around it
_CLAIMING = """
SELECT * FROM (
    SELECT * FROM books WHERE left(folder, 500) = ANY($1::text[]) AND folder = ANY($2::text[]) AND id <> $3
    UNION ALL
    SELECT * FROM books
    WHERE left(folder, 500) BETWEEN left($4, 500) AND left($5, 500) AND folder > $4 AND folder < $5 AND id <> $3
) AS claims ORDER BY folder, created_at, id LIMIT 1
"""
_COUNT_WITHIN = """
SELECT count(*) AS number FROM books
WHERE left(folder, 500) = left($1, 500) AND folder = $1
   OR left(folder, 500) BETWEEN left($2, 500) AND left($3, 500) AND folder > $2 AND folder < $3
"""
_WITH_STATUS = "SELECT * FROM books WHERE status = $1 ORDER BY created_at, id LIMIT $2"
_CREDITED = "SELECT kind, place, name_id, created_at FROM credits WHERE book_id = $1"
_OWNER = "SELECT id FROM books WHERE asin_key = $1 AND id <> $2"
_REMOVAL = (
    # whoever holds one of these downloads must learn that its book is gone
    "UPDATE downloads SET book_id = NULL, version = version + 1 WHERE book_id = $1",
    "UPDATE event_log SET book_id = NULL WHERE book_id = $1",
    "DELETE FROM credits WHERE book_id = $1",
    "DELETE FROM books WHERE id = $1",
)


class PostgresBooks:
    """Keeps the books of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, book: Book) -> None:
        async with self._session.step() as step:
            await _refuse_taken_asin(step, book)
            credited = await _known_credits(step, book)
            await step.insert("books", book_row(book, version=1), kind="book")
            await step.insert_all("credits", credited)
        book.version = 1
        self._session.note(book)

    async def get(self, book_id: BookId) -> Book:
        found = await self._found("SELECT * FROM books WHERE id = $1", book_id)
        if not found:
            raise NotFound("book", book_id)
        return found[0]

    async def with_asin(self, asin: str) -> Book | None:
        found = await self._found(_WITH_ASIN, asin_key(asin))
        return found[0] if found else None

    async def claiming(self, folder: str, *, besides: BookId) -> Book | None:
        around = lineage(folder)
        found = await self._found(_CLAIMING, [each[:500] for each in around], around, besides, *span_within(folder))
        return found[0] if found else None

    async def count_within(self, folder: str) -> int:
        (row,) = await self._session.rows(_COUNT_WITHIN, folder, *span_within(folder))
        return int(row["number"])

    async def with_status(self, status: BookStatus, limit: int) -> list[Book]:
        return await self._found(_WITH_STATUS, status.value, limit)

    async def save(self, book: Book) -> None:
        async with self._session.step() as step:
            await step.check_version("books", book.id, book.version, kind="book")
            await _refuse_taken_asin(step, book)
            credited = await _known_credits(step, book)
            await step.replace("books", book_row(book, version=book.version + 1), kind="book")
            stored = await step.rows(_CREDITED, book.id)
            if {tuple(row.values()) for row in stored} != {_credit_key(credit) for credit in credited}:
                await step.rows("DELETE FROM credits WHERE book_id = $1", book.id)
                await step.insert_all("credits", credited)
        book.version += 1
        self._session.note(book)

    async def remove(self, book_id: BookId) -> None:
        async with self._session.step() as step:
            for sql in _REMOVAL:
                await step.rows(sql, book_id)

    async def _found(self, sql: str, *values: Any) -> list[Book]:
        rows = await self._session.rows(sql, *values)
        if not rows:
            return []
        credited: dict[str, list[Row]] = {row["id"]: [] for row in rows}
        for credit in await self._session.rows(_CREDITS, list(credited)):
            credited[credit["book_id"]].append(credit)
        return [book_from(row, credited[row["id"]]) for row in rows]


async def _refuse_taken_asin(step: Step, book: Book) -> None:
    owner = await step.rows(_OWNER, asin_key(book.asin), book.id)
    if owner:
        raise BookExists(owner[0]["id"])


async def _known_credits(step: Step, book: Book) -> list[dict[str, Any]]:
    """Spells the credits, after a look whether everybody credited is there."""
    credited = credit_rows(book)
    wished = [credit["name_id"] for credit in credited]
    known = {row["id"] for row in await step.rows("SELECT id FROM names WHERE id = ANY($1::text[])", wished)}
    for credit in credited:
        if credit["name_id"] not in known:
            raise NotFound(credit["kind"], credit["name_id"])
    return credited


def _credit_key(credit: Row) -> tuple[Any, ...]:
    return credit["kind"], credit["place"], credit["name_id"], credit["created_at"]


class PostgresPeople:
    """Keeps authors, narrators and series of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def ensure_author(self, author: Author) -> Author:
        stored = await self._ensure(PersonKind.AUTHOR, author.id, author.name, author.asin)
        return Author(stored["id"], stored["name"], stored["asin"])

    async def ensure_narrator(self, narrator: Narrator) -> Narrator:
        stored = await self._ensure(PersonKind.NARRATOR, narrator.id, narrator.name)
        return Narrator(stored["id"], stored["name"])

    async def ensure_series(self, series: Series) -> Series:
        stored = await self._ensure(PersonKind.SERIES, series.id, series.name)
        return Series(stored["id"], stored["name"])

    async def _ensure(self, kind: PersonKind, identifier: str, name: str, asin: str | None = None) -> Row:
        row = name_row(kind, identifier, name, asin)
        async with self._session.step() as step:
            (stored,) = await step.rows(_ENSURE, *row.values())
        return stored


_ENSURE = """
INSERT INTO names (id, kind, name, sort_name, name_key, person_key, asin)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (kind, person_key) DO UPDATE SET asin = coalesce(names.asin, excluded.asin)
RETURNING id, name, asin
"""
