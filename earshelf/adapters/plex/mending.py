"""Bodies whose values are not all of the ordinary types: numbers as texts, flags as 1, a single child without a list.

What cannot be read is absent, and nothing raises.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from earshelf.adapters.plex.bodies import members
from earshelf.adapters.plex.fields import as_flag, as_text, as_whole
from earshelf.adapters.plex.wire import Flag, Page, Real, Row, Term, Text, Whole, Wire, Word
from earshelf.domain.loose_values import loose_float

WireT = TypeVar("WireT", bound=Wire)


class _Field(NamedTuple):
    name: str
    told: str
    read: Callable[[Any], Any]


def mended(told: Mapping[str, Any], kind: type[WireT]) -> WireT:
    """Reads an object that was decoded without looking at its types."""
    get = told.get
    return kind(
        **{
            field.name: found
            for field in _fields(kind)
            if (value := get(field.told)) is not None and (found := field.read(value)) is not None
        }
    )


def mended_page(container: Mapping[str, Any]) -> Page:
    """Reads a page; what is no object counts as a row, as its server counts it."""
    listed = container.get("Metadata")
    if not isinstance(listed, list):
        return mended(container, Page)
    page = mended({**container, "Metadata": None}, Page)
    page.rows = tuple(mended(one, Row) if isinstance(one, dict) else Row() for one in listed)
    return page


def _word(value: Any) -> str | int | float | None:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _term(value: Any) -> str | None:
    told = _word(value)
    return None if told is None else str(told) or None


def _flag(value: Any) -> str | int | float | None:
    return value if isinstance(value, str | int | float) else None


_READERS: Mapping[Any, Callable[[Any], Any]] = {
    Text: as_text,
    Term: _term,
    Real: loose_float,
    Whole: as_whole,
    Word: _word,
    Flag: _flag,
    bool: as_flag,
}


@cache
def _fields(kind: type[Wire]) -> tuple[_Field, ...]:
    types = get_type_hints(kind, include_extras=True)
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    return tuple(_Field(name, told, _READERS.get(types[name]) or _children(types[name])) for name, told in names)


def _children(annotation: Any) -> Callable[[Any], Any]:
    inner = get_args(annotation)[0]
    return lambda value: tuple(mended(one, inner) for one in members(value))
