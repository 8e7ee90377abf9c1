"""History: what happened to the library and its books."""

import re
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields

from earshelf.domain.events import EVENT_TYPES, Event
from earshelf.domain.ids import BookId
from earshelf.entrypoints.answers import listed, spelled_date
from earshelf.entrypoints.operator.schemas import count, date, list_of, nullable_text, text
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import Queries

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def event_name(event_type: type[Event]) -> str:
    """Spells an event's class as ``book_added``."""
    return _WORD.sub("_", event_type.__name__).lower()


_DETAIL_NAMES = sorted(
    {one.name for event_type in EVENT_TYPES for one in dataclass_fields(event_type)} - {"book_id"},
)
EventDetails = Schema.from_dict({name: fields.String() for name in _DETAIL_NAMES}, name="EventDetails")


class HistoryEntry(Schema):
    """One thing that happened."""

    number = count(metadata={"description": "Grows with time"})
    at = date()
    type = text(metadata={"enum": [event_name(event_type) for event_type in EVENT_TYPES]})
    book_id = nullable_text()
    details = fields.Nested(EventDetails, required=True)


class HistoryQuery(PagingQuery):
    """Which part of the history."""

    book_id = fields.String(metadata={"description": "Only what happened to this book"})


_EXAMPLE = {
    "number": 12,
    "at": "2026-06-22T14:53:00.000Z",
    "type": "book_status_changed",
    "book_id": "bk_3Qp9zJ2vTq-0aWc4hKxY1A",
    "details": {"before": "importing", "after": "imported"},
}

ROUTES = (
    Route(
        "GET",
        "/history",
        "page",
        "List what happened",
        "history",
        {200: Answer("Newest first", list_of(HistoryEntry, "History"), {"data": [_EXAMPLE], "total": 1})},
        query=HistoryQuery(),
    ),
)


class History:
    """Answers the routes of history."""

    def __init__(self, *, queries: Queries) -> None:
        self._queries = queries

    async def page(self, call: Call) -> web.Response:
        """Lists what happened."""
        book_id = BookId(call.query["book_id"]) if call.query.get("book_id") else None
        page = await self._queries.history(window(call.query), book_id=book_id)
        return listed([_entry_dto(row) for row in page.rows], page.total)


def _entry_dto(row: LoggedEvent) -> dict[str, Any]:
    names = [one.name for one in dataclass_fields(row.event) if one.name != "book_id"]
    return {
        "number": row.number,
        "at": spelled_date(row.at),
        "type": event_name(type(row.event)),
        "book_id": row.event.book_id,
        "details": {name: _plain(getattr(row.event, name)) for name in names},
    }


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
