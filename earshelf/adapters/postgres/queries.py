"""Lists and pages, each one statement: one journey to the server, one look at the database."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.rows.books import LIST_COLUMNS, asin_key, listed, name_key
from earshelf.adapters.rows.downloads import readable_download
from earshelf.adapters.rows.events import logged_from
from earshelf.adapters.rows.lists import COUNT, Selection, Statement, bounds, wished_names
from earshelf.adapters.rows.values import Row
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import Download
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BookId, DownloadId
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import BookFilter, BookRow, BookSort, NameRow, OwnedBook, Page, PersonKind, Window
from earshelf.ports.secrets import Cipher

RowT = TypeVar("RowT")

_ONE_BOOK = f"SELECT {', '.join(LIST_COLUMNS)} FROM books WHERE id = $1"  # noqa: S608 - our own words
_NAME_ID = "SELECT id FROM names WHERE kind = $1 AND name_key = $2"
_NAMES = "SELECT id, name FROM names WHERE kind = ? ORDER BY sort_name, id LIMIT ? OFFSET ?"
_NAME = "SELECT id, name FROM names WHERE kind = $1 AND id = $2"
_OWNED = "SELECT asin_key, id, status FROM books WHERE asin_key = ANY($1::text[])"
_DOWNLOADS = "SELECT * FROM downloads ORDER BY added_at DESC, id DESC LIMIT ? OFFSET ?"
_DOWNLOAD = "SELECT * FROM downloads WHERE id = $1"
_HISTORY = "SELECT * FROM event_log ORDER BY number DESC LIMIT ? OFFSET ?"
_HISTORY_OF_BOOK = "SELECT * FROM event_log WHERE book_id = ? ORDER BY number DESC LIMIT ? OFFSET ?"
_EVENTS_OF_BOOK = "SELECT count(*) FROM event_log WHERE book_id = ?"


class PostgresQueries:
    """Answers from the last commit; the cipher opens where a download's release lies."""

    def __init__(self, database: PostgresDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def books(self, window: Window, *, only: BookFilter, sort: BookSort, ascending: bool) -> Page[BookRow]:
        selection = await self._selection(only)
        if selection is None:
            return Page([], 0)
        page = selection.page(window, sort, ascending=ascending)
        rows, total = await self._page(page, selection.total())
        return Page(listed(rows), total)

    async def book(self, book_id: BookId) -> BookRow:
        rows = await self._database.read(_ONE_BOOK, book_id)
        if not rows:
            raise NotFound("book", book_id)
        return listed(rows)[0]

    async def owned(self, asins: Sequence[str]) -> Mapping[str, OwnedBook]:
        rows = await self._database.read(_OWNED, sorted({key for key in map(asin_key, asins) if key}))
        return {row["asin_key"]: OwnedBook(row["id"], BookStatus(row["status"])) for row in rows}

    async def names(self, kind: PersonKind, window: Window) -> Page[NameRow]:
        statement = Statement(_NAMES, (kind.value, *bounds(window)))
        total = Statement(COUNT, ("name", kind.value))
        return await self._paged(statement, total, lambda row: NameRow(id=row["id"], name=row["name"]))

    async def name(self, kind: PersonKind, identifier: str) -> NameRow:
        rows = await self._database.read(_NAME, kind.value, identifier)
        if not rows:
            raise NotFound(kind.value, identifier)
        return NameRow(id=rows[0]["id"], name=rows[0]["name"])

    async def downloads(self, window: Window) -> Page[Download]:
        total = Statement(COUNT, ("download", ""))
        return await self._paged(Statement(_DOWNLOADS, bounds(window)), total, self._download_from)

    async def download(self, download_id: DownloadId) -> Download:
        rows = await self._database.read(_DOWNLOAD, download_id)
        if not rows:
            raise NotFound("download", download_id)
        return self._download_from(rows[0])

    async def history(self, window: Window, *, book_id: BookId | None = None) -> Page[LoggedEvent]:
        if book_id is None:
            total = Statement(COUNT, ("event", ""))
            return await self._paged(Statement(_HISTORY, bounds(window)), total, logged_from)
        statement = Statement(_HISTORY_OF_BOOK, (book_id, *bounds(window)))
        return await self._paged(statement, Statement(_EVENTS_OF_BOOK, (book_id,)), logged_from)

    def _download_from(self, row: Row) -> Download:
        return readable_download(row, self._cipher)

    async def _selection(self, only: BookFilter) -> Selection | None:
        """Resolves the names of a filter; None where one of them is unknown, so that no book can match."""
        found = []
        for kind, name in wished_names(only):
            rows = await self._database.read(_NAME_ID, kind.value, name_key(name))
            if not rows:
                return None
            found.append(rows[0]["id"])
        return Selection(only.status, tuple(found))

    async def _paged(self, page: Statement, total: Statement, shape: Callable[[Row], RowT]) -> Page[RowT]:
        rows, count = await self._page(page, total)
        return Page([shape(row) for row in rows], count)

    async def _page(self, page: Statement, total: Statement) -> tuple[list[Row], int]:
        sql, values = counting(page, total)
        rows = await self._database.read(sql, *values)
        if not rows:
            # a page without rows has nowhere to carry the total
            counted = await self._database.read(numbered(f"SELECT ({total.sql}) AS total"), *total.values)
            return [], counted[0]["total"] or 0
        return rows, rows[0]["total"] or 0


def counting(page: Statement, total: Statement) -> tuple[str, Sequence[Any]]:
    """Puts a page and its total into one statement; every row carries the total."""
    columns, _, rest = page.sql.partition(" FROM ")
    return numbered(f"{columns}, ({total.sql}) AS total FROM {rest}"), (*total.values, *page.values)


@lru_cache
def numbered(sql: str) -> str:
    """Spells the marks of a statement as PostgreSQL does."""
    pieces = sql.split("?")
    return pieces[0] + "".join(f"${place}{piece}" for place, piece in enumerate(pieces[1:], 1))
