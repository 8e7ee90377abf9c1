"""Lists and pages, read beside the writer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from earshelf.adapters.rows.books import LIST_COLUMNS, asin_key, listed, name_key
from earshelf.adapters.rows.downloads import readable_download
from earshelf.adapters.rows.events import logged_from
from earshelf.adapters.rows.lists import COUNT, Selection, Statement, bounds, wished_names
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import Download
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BookId, DownloadId
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import BookFilter, BookRow, BookSort, NameRow, OwnedBook, Page, PersonKind, Window
from earshelf.ports.secrets import Cipher

RowT = TypeVar("RowT")

_MOST_MARKS = 500  # SQLite admits 32,766; short statements are read faster
_ONE_BOOK = f"SELECT {', '.join(LIST_COLUMNS)} FROM books WHERE id = ?"  # noqa: S608 - our own words
_NAME_ID = "SELECT id FROM names WHERE kind = ? AND name_key = ?"
_NAMES = "SELECT id, name FROM names WHERE kind = ? ORDER BY sort_name, id LIMIT ? OFFSET ?"
_NAME = "SELECT id, name FROM names WHERE kind = ? AND id = ?"
_DOWNLOADS = "SELECT * FROM downloads ORDER BY added_at DESC, id DESC LIMIT ? OFFSET ?"
_DOWNLOAD = "SELECT * FROM downloads WHERE id = ?"
_HISTORY = "SELECT * FROM event_log ORDER BY number DESC LIMIT ? OFFSET ?"
_HISTORY_OF_BOOK = "SELECT * FROM event_log WHERE book_id = ? ORDER BY number DESC LIMIT ? OFFSET ?"
_EVENTS_OF_BOOK = "SELECT count(*) FROM event_log WHERE book_id = ?"


class SqliteQueries:
    """Answers from the last commit; the cipher opens where a download's release lies."""

    def __init__(self, database: SqliteDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def books(self, window: Window, *, only: BookFilter, sort: BookSort, ascending: bool) -> Page[BookRow]:
        def page(database: Database) -> tuple[list[Row], int]:
            selection = _selection(database, only)
            if selection is None:
                return [], 0
            return _page(database, selection.page(window, sort, ascending=ascending), selection.total())

        rows, total = await self._database.read(page)
        return Page(listed(rows), total)

    async def book(self, book_id: BookId) -> BookRow:
        rows = await self._rows(_ONE_BOOK, book_id)
        if not rows:
            raise NotFound("book", book_id)
        return listed(rows)[0]

    async def owned(self, asins: Sequence[str]) -> Mapping[str, OwnedBook]:
        keys = sorted({key for key in map(asin_key, asins) if key})
        rows = await self._database.read(lambda database: _owned(database, keys))
        return {row["asin_key"]: OwnedBook(row["id"], BookStatus(row["status"])) for row in rows}

    async def names(self, kind: PersonKind, window: Window) -> Page[NameRow]:
        statement = Statement(_NAMES, (kind.value, *bounds(window)))
        total = Statement(COUNT, ("name", kind.value))
        return await self._paged(statement, total, lambda row: NameRow(id=row["id"], name=row["name"]))

    async def name(self, kind: PersonKind, identifier: str) -> NameRow:
        rows = await self._rows(_NAME, kind.value, identifier)
        if not rows:
            raise NotFound(kind.value, identifier)
        return NameRow(id=rows[0]["id"], name=rows[0]["name"])

    async def downloads(self, window: Window) -> Page[Download]:
        total = Statement(COUNT, ("download", ""))
        return await self._paged(Statement(_DOWNLOADS, bounds(window)), total, self._download_from)

    async def download(self, download_id: DownloadId) -> Download:
        rows = await self._rows(_DOWNLOAD, download_id)
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

    async def _rows(self, sql: str, *values: Any) -> list[Row]:
        return await self._database.read(lambda database: database.conn.execute(sql, values).fetchall())

    async def _paged(self, page: Statement, total: Statement, shape: Callable[[Row], RowT]) -> Page[RowT]:
        rows, count = await self._database.read(lambda database: _page(database, page, total))
        return Page([shape(row) for row in rows], count)


def _page(database: Database, page: Statement, total: Statement) -> tuple[list[Row], int]:
    rows = database.conn.execute(page.sql, page.values).fetchall()
    counted = database.conn.execute(total.sql, total.values).fetchone()
    return rows, counted[0] if counted else 0


def _selection(database: Database, only: BookFilter) -> Selection | None:
    """Resolves the names of a filter; None where one of them is unknown, so that no book can match."""
    found = []
    for kind, name in wished_names(only):
        row = database.conn.execute(_NAME_ID, (kind.value, name_key(name))).fetchone()
        if row is None:
            return None
        found.append(row["id"])
    return Selection(only.status, tuple(found))


def _owned(database: Database, keys: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for start in range(0, len(keys), _MOST_MARKS):
        some = keys[start : start + _MOST_MARKS]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT asin_key, id, status FROM books WHERE asin_key IN ({marks})"  # noqa: S608 - marks only
        rows += database.conn.execute(sql, some).fetchall()
    return rows
