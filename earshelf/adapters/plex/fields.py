"""Single fields of large Plex answers, and many at once. Most values are what they should be, and need no detour."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from earshelf.adapters.plex.loose import without_token
from earshelf.domain.loose_values import loose_bool, loose_float, loose_int, loose_text

Table: TypeAlias = tuple[tuple[str, str, Callable[[Any], Any]], ...]
"""Our name of a field, Plex's, and what reads it."""
Order: TypeAlias = tuple[tuple[str | None, Callable[[Any], Any], Any], ...]
"""Plex's name of a field, what reads it, and what it holds where it is absent."""

_MOST = 2**63


def as_text(value: Any) -> str | None:
    """Reads a text; an empty one is none."""
    return (value.strip() if type(value) is str else loose_text(value)) or None


def as_picture(value: Any) -> str | None:
    """Reads the address of a picture, which may be shown to anybody."""
    found = as_text(value)
    return without_token(found) if found else None


def as_whole(value: Any) -> int | None:
    """Reads a whole number that a database can hold."""
    found = value if type(value) is int else loose_int(value)
    return found if found is not None and -_MOST <= found < _MOST else None


def as_real(value: Any) -> float | None:
    """Reads a number."""
    return value if type(value) is float and value - value == 0 else loose_float(value)


def as_flag(value: Any) -> bool:
    """Reads a flag; what is absent is false."""
    return value is True or (value is not None and value is not False and loose_bool(value))


def text(row: Mapping[str, Any], name: str) -> str | None:
    """Returns a text of an object; an empty one is none."""
    return as_text(row.get(name))


def whole(row: Mapping[str, Any], name: str) -> int | None:
    """Returns a whole number of an object."""
    return as_whole(row.get(name))


def real(row: Mapping[str, Any], name: str) -> float | None:
    """Returns a number of an object."""
    return as_real(row.get(name))


def known(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Returns the fields of an object that stand in a table and hold something."""
    get = row.get
    return {
        ours: found
        for ours, name, read in table
        if (value := get(name)) is not None and (found := read(value)) is not None
    }


def ordered(row: Mapping[Any, Any], order: Order) -> list[Any]:
    """Returns fields of an object in their order."""
    get = row.get
    return [absent if (value := get(name)) is None else read(value) for name, read, absent in order]


def order(fields: Iterable[str], known: Table, absent: Mapping[str, Any]) -> Order:
    """Spells in which order fields are read, and what they hold where they are absent; others have no name."""
    told = {ours: (theirs, read) for ours, theirs, read in known}
    return tuple((*told.get(name, (None, as_text)), absent.get(name)) for name in fields)


def table(read: Callable[[Any], Any], names: str) -> Table:
    """Spells part of a table: our names and Plex's, parted by a colon where they differ."""
    pairs = (name.partition(":") for name in names.split())
    return tuple((ours, theirs or ours, read) for ours, _, theirs in pairs)
