"""Events as rows of the log: the type's name, the book, and the other fields as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, get_type_hints

from earshelf.adapters.rows.values import Row, dumped, moment
from earshelf.domain.errors import StorageCorrupt
from earshelf.domain.events import EVENT_TYPES, Event
from earshelf.ports.events import LoggedEvent

_TYPES: Mapping[str, type[Event]] = {event_type.__name__: event_type for event_type in EVENT_TYPES}


def _choices(event_type: type[Event]) -> dict[str, type[StrEnum]]:
    """The fields that are one of a closed set of words."""
    hints = get_type_hints(event_type)
    return {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, StrEnum)}


_CHOICES = {name: _choices(event_type) for name, event_type in _TYPES.items()}


def event_row(event: Event, at: datetime) -> dict[str, Any]:
    """Spells an event as a row of ``event_log``; the database gives the number."""
    body = {one.name: getattr(event, one.name) for one in fields(event) if one.name != "book_id"}
    return {"at": at, "type": type(event).__name__, "book_id": event.book_id, "body": dumped(body)}


def logged_from(row: Row) -> LoggedEvent:
    """Reads an event of the log.

    :raises StorageCorrupt: a newer version wrote it.
    """
    event_type = _TYPES.get(row["type"])
    if event_type is None:
        raise StorageCorrupt(f"The event log holds '{row['type']}', which this version does not know; update Earshelf")
    body = json.loads(row["body"])
    for name, choice in _CHOICES[row["type"]].items():
        body[name] = choice(body[name])
    return LoggedEvent(row["number"], moment(row["at"]), event_type(book_id=row["book_id"], **body))
