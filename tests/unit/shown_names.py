"""What lists show of a book's people, as the first version of the tables kept it and as it is kept now."""

import json
from typing import Any

INSERT = (
    "INSERT INTO books "
    "(id, title, status, shown, title_key, series_rank, created_at, updated_at, version, genres, files) "
    "VALUES ('{id}', 'T', 'wanted', '{shown}', 't', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1, '[]', '[]')"
)
_PEOPLE = [["au_2", 'Zoë "Z" 🦊'], ["au_1", "Ann\\e"]]

BEFORE: dict[str, list[Any]] = {
    "bk_many": [_PEOPLE, [["nr_1", "Żuk"]], "Series, Inc."],
    "bk_none": [[], [], None],
}
AFTER = {
    "bk_many": {
        "authors": [{"id": identifier, "name": name} for identifier, name in _PEOPLE],
        "narrators": [{"id": "nr_1", "name": "Żuk"}],
        "series": "Series, Inc.",
    },
    "bk_none": {"authors": [], "narrators": [], "series": None},
}


def inserts() -> list[str]:
    """Returns statements that put the books into tables of the first version."""
    return [INSERT.format(id=book, shown=json.dumps(shown, ensure_ascii=False)) for book, shown in BEFORE.items()]
