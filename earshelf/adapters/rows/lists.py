"""The order and filter tables of book lists, as SQL that every database here speaks.

Values are marked with ``?`` in the order of ``values``. For every sort there is an index that serves it alone and one
that serves it within a status; the books of one name come by age out of the index of its credits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earshelf.adapters.rows.books import LIST_COLUMNS
from earshelf.domain.books import BookStatus
from earshelf.ports.queries import BookFilter, BookSort, PersonKind, Window

MOST_ROWS = 2**63 - 1  # a window beyond what databases count to is empty all the same

_ORDERS: Mapping[BookSort, str] = {
    BookSort.CREATED_AT: "books.created_at {way}, books.id {way}",
    BookSort.TITLE: "books.title_key {way}, books.id {way}",
    BookSort.AUTHOR: "books.author_key {way} NULLS LAST, books.id {way}",
    BookSort.NARRATOR: "books.narrator_key {way} NULLS LAST, books.id {way}",
    BookSort.SERIES: "books.series_key {way} NULLS LAST, books.series_rank, books.id {way}",
    BookSort.QUALITY: "books.quality {way} NULLS LAST, books.id {way}",
    BookSort.SIZE: "books.size {way} NULLS LAST, books.id {way}",
    BookSort.FORMAT: "books.format {way} NULLS LAST, books.id {way}",
}
_BY_AGE_OF_CREDIT = "credits.created_at {way}, credits.book_id {way}"
_COLUMNS = ", ".join(f"books.{column}" for column in LIST_COLUMNS)

COUNT = "SELECT number FROM counts WHERE scope = ? AND key = ?"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and the values for its marks."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which books: a filter whose names are resolved to ids."""

    status: BookStatus | None = None
    name_ids: tuple[str, ...] = field(default=())

    def page(self, window: Window, sort: BookSort, *, ascending: bool) -> Statement:
        """Returns the statement for one page, with ``LIST_COLUMNS`` in their order."""
        by_credit = bool(self.name_ids) and sort is BookSort.CREATED_AT
        order = (_BY_AGE_OF_CREDIT if by_credit else _ORDERS[sort]).format(way="ASC" if ascending else "DESC")
        chosen = self._chosen()
        sql = f"SELECT {_COLUMNS} FROM {chosen.sql} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - our own words
        return Statement(sql, (*chosen.values, *bounds(window)))

    def total(self) -> Statement:
        """Returns the statement that counts: a look-up for one filter, a count where filters combine."""
        match self.status, self.name_ids:
            case None, ():
                return Statement(COUNT, ("book", ""))
            case BookStatus() as status, ():
                return Statement(COUNT, ("status", status.value))
            case None, (name_id,):
                return Statement(COUNT, ("credit", name_id))
        chosen = self._chosen()
        return Statement(f"SELECT count(*) FROM {chosen.sql}", chosen.values)  # noqa: S608 - our own words

    def _chosen(self) -> Statement:
        source, conditions, values = "books", [], []
        if self.name_ids:
            # CROSS JOIN keeps the credits in front, so that their index gives the order
            source = "credits CROSS JOIN books"
            conditions += ["credits.name_id = ?", "books.id = credits.book_id"]
            values.append(self.name_ids[0])
        for name_id in self.name_ids[1:]:
            conditions.append("books.id IN (SELECT book_id FROM credits WHERE name_id = ?)")
            values.append(name_id)
        if self.status is not None:
            conditions.append("books.status = ?")
            values.append(self.status.value)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return Statement(source + where, tuple(values))


def wished_names(only: BookFilter) -> list[tuple[PersonKind, str]]:
    """Returns the names that a filter asks for."""
    wished = [
        (PersonKind.SERIES, only.series),
        (PersonKind.AUTHOR, only.author),
        (PersonKind.NARRATOR, only.narrator),
    ]
    return [(kind, name) for kind, name in wished if name is not None]


def bounds(window: Window) -> tuple[int, int]:
    """Returns limit and offset as a database can count."""
    return min(window.limit, MOST_ROWS), min(window.offset, MOST_ROWS)
