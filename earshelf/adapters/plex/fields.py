"""Single fields of large Plex answers, and many at once. Most values are what they should be, and need no detour."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from earshelf.adapters.plex.loose import without_token
from earshelf.domain.loose_values import loose_bool, loose_int, loose_text

Table: TypeAlias = tuple[tuple[str, str, Callable[[Any], Any]], ...]
"""Our name of a field, Plex's, and what reads it."""

_MOST = 2**63


def as_text(value: Any) -> str | None:
    """Reads a text; an empty one is none."""
    if type(value) is str:
        return value.strip() or None
    return None if value is None else loose_text(value) or None


def as_picture(value: Any) -> str | None:
    """Reads the address of a picture, which may be shown to anybody."""
    found = as_text(value)
    return without_token(found) if found else None


def as_whole(value: Any) -> int | None:
    """Reads a whole number that a database can hold."""
    found = value if type(value) is int else loose_int(value)
    return found if found is not None and -_MOST <= found < _MOST else None


def as_flag(value: Any) -> bool:
    """Reads a flag; what is absent is false."""
    return value is True or (value is not None and value is not False and loose_bool(value))


def text(row: Mapping[str, Any], name: str) -> str | None:
    """Returns a text of an object; an empty one is none."""
    return as_text(row.get(name))


def known(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Returns the fields of an object that stand in a table and hold something."""
    get = row.get
    return {
        ours: found
        for ours, name, read in table
        if (value := get(name)) is not None and (found := read(value)) is not None
    }


def table(read: Callable[[Any], Any], names: str) -> Table:
    """Spells part of a table: our names and Plex's, parted by a colon where they differ."""
    pairs = (name.partition(":") for name in names.split())
    return tuple((ours, theirs or ours, read) for ours, _, theirs in pairs)
