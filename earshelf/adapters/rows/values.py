"""Single values on their way in and out of a row.

A row holds plain text, numbers, booleans and aware datetimes; how a database spells the last two is its own affair.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias

from earshelf.ports.queries import SORTED_CHARACTERS

Row: TypeAlias = Mapping[str, Any]

# made once: json.dumps makes one for every call
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumped(value: Any) -> str:
    """Spells a value as compact JSON in its own script."""
    return _COMPACT.encode(value)


def moment(value: Any) -> datetime:
    """Reads a time, from text where the database has no type for it."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def moment_or_none(value: Any) -> datetime | None:
    """Reads a time that may be missing."""
    return None if value is None else moment(value)


def cut(text: str) -> str:
    """Spells a text as it is ordered: an index holds no long ones."""
    return text[:SORTED_CHARACTERS]


def bounded(text: str) -> str:
    """Spells a text as it is compared: a long one keeps its beginning, and a digest tells it from others."""
    if len(text) <= SORTED_CHARACTERS:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return text[: SORTED_CHARACTERS - len(digest)] + digest


def place(table: str, column: str, row: str) -> str:
    """Names where a secret lies; it opens nowhere else."""
    return f"{table}.{column}:{row}"
